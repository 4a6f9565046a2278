import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { BeijingTime } from '@/components/BeijingTime';
import { CopyText } from '@/components/CopyText';
import { DetailPage } from '@/components/DetailPage';
import { Facts } from '@/components/Facts';
import { PermissionGate } from '@/components/PermissionGate';
import { Confinement, Grants, Products } from '@/components/PluginParts';
import { Section } from '@/components/Section';
import { PluginStatus } from '@/components/states';
import { api, call, type Schemas } from '@/lib/api/client';
import { inLanguage } from '@/lib/schema';

type Provider = Schemas['Provider'];

export default function ProviderPage() {
  const { t, i18n } = useTranslation();
  const { id = '' } = useParams();
  const query = useQuery({
    queryKey: ['provider', id],
    queryFn: () => call(() => api.GET('/v1/providers/{provider}', { params: { path: { provider: id } } })),
    refetchInterval: 10_000,
  });
  return (
    <DetailPage
      title={inLanguage(query.data?.manifest?.name, i18n.language) || id}
      back={{ to: '/providers', label: t('nav.providers') }}
      query={query}
      status={(p) => <PluginStatus value={p.state} />}
      lead={(p) => p.reason}
      actions={(p) => (
        <PermissionGate may="plugins:inspect">
          <Link to={`/plugins/${p.id}`} className="zg-link-button">{t('providers.versions')}</Link>
        </PermissionGate>
      )}
    >
      {(p) => (
        <div className="zg-columns">
          <div className="zg-stack">
            <Identity provider={p} />
            {p.manifest && <Grants manifest={p.manifest} />}
            {p.manifest && <Products manifest={p.manifest} />}
          </div>
          <div className="zg-stack">
            <Health provider={p} />
            <Confinement layers={p.confinement} />
            {p.last_lines.length > 0 && (
              <Section title={t('providers.lastLines')}>
                <pre className="zg-pre" tabIndex={0}>{p.last_lines.join('\n')}</pre>
              </Section>
            )}
          </div>
        </div>
      )}
    </DetailPage>
  );
}

function Identity({ provider: p }: { provider: Provider }) {
  const { t } = useTranslation();
  return (
    <Section title={t('providers.identity')}>
      <Facts
        facts={[
          { label: t('providers.version'), value: p.manifest?.version },
          { label: t('providers.protocol'), value: p.manifest && String(p.manifest.protocol_version) },
          { label: t('providers.file'), value: <span className="zg-mono">{p.file}</span> },
          { label: t('providers.replies'), value: p.manifest && t(`providers.reply.${p.manifest.reply_authentication}`, { defaultValue: p.manifest.reply_authentication }) },
          { label: t('providers.sha256'), value: <CopyText text={p.sha256} label={t('providers.sha256')} />, wide: true },
        ]}
      />
    </Section>
  );
}

function Health({ provider: p }: { provider: Provider }) {
  const { t } = useTranslation();
  return (
    <Section title={t('providers.health')}>
      <Facts
        facts={[
          { label: t('providers.calls'), value: String(p.calls) },
          { label: t('providers.failures'), value: String(p.failures) },
          { label: t('providers.mean'), value: t('providers.millis', { millis: Math.round(p.mean_millis) }) },
          { label: t('providers.restarts'), value: String(p.restarts) },
          { label: t('providers.pid'), value: p.pid ? String(p.pid) : undefined },
          { label: t('providers.lastCrash'), value: <BeijingTime at={p.last_crash_at} empty={t('providers.neverCrashed')} /> },
        ]}
      />
    </Section>
  );
}
