import { useQuery } from '@tanstack/react-query';
import { Table } from 'antd';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { BeijingTime } from '@/components/BeijingTime';
import { CopyText } from '@/components/CopyText';
import { DetailPage } from '@/components/DetailPage';
import { Facts } from '@/components/Facts';
import { Section } from '@/components/Section';
import { PluginStatus } from '@/components/states';
import { StatusTag } from '@/components/StatusTag';
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

function Grants({ manifest }: { manifest: Schemas['Manifest'] }) {
  const { t } = useTranslation();
  return (
    <Section title={t('providers.permissions')} flush>
      <div className="zg-section-body zg-muted">
        {t('providers.permissionsHint')}
        <div className="zg-hosts">{t('providers.hosts')} {manifest.hosts.map((h) => <code key={h} className="zg-mono">{h}</code>)}</div>
      </div>
      <Table<Schemas['Grant']>
        aria-label={t('providers.permissions')}
        size="small"
        pagination={false}
        rowKey={(g) => g.capability}
        dataSource={manifest.grants}
        columns={[
          { title: t('providers.capability'), key: 'capability', render: (_, g) => t(`timeline.operations.${g.capability}`, { defaultValue: g.capability }) },
          { title: t('providers.requests'), key: 'requests', render: (_, g) => g.requests.map((r) => <div key={r.method + r.path} className="zg-mono">{r.method} {r.path}</div>) },
          { title: t('providers.keys'), key: 'keys', render: (_, g) => <KeyList grant={g} /> },
          { title: t('providers.sends'), key: 'sends', align: 'right', render: (_, g) => <span className="zg-figures">{g.sends}</span> },
        ]}
      />
    </Section>
  );
}

function KeyList({ grant }: { grant: Schemas['Grant'] }) {
  const { t } = useTranslation();
  return (
    <>
      {grant.keys.map((k) => (
        <div key={k.name}><span className="zg-mono">{k.name}</span> <span className="zg-muted zg-small">{k.operations.join(', ')}</span></div>
      ))}
      {grant.reveal.length > 0 && <div className="zg-tone-waiting">{t('providers.reveals', { names: grant.reveal.join(', ') })}</div>}
      {grant.rotate.length > 0 && <div>{t('providers.rotates', { names: grant.rotate.join(', ') })}</div>}
    </>
  );
}

function Products({ manifest }: { manifest: Schemas['Manifest'] }) {
  const { t, i18n } = useTranslation();
  return (
    <Section title={t('providers.products')}>
      <Facts
        facts={manifest.products.map((p) => ({
          label: inLanguage(p.name, i18n.language),
          wide: true,
          value: (
            <div className="zg-stack-tight">
              {p.methods.map((m) => (
                <div key={m.method}>
                  {inLanguage(m.name, i18n.language)} <span className="zg-muted zg-small">{m.channels.map((c) => inLanguage(c.name, i18n.language)).join(', ')}</span>
                </div>
              ))}
            </div>
          ),
        }))}
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

function Confinement({ layers }: { layers: Schemas['ConfinementLayer'][] }) {
  const { t } = useTranslation();
  return (
    <Section title={t('providers.confinement')} flush>
      <ul className="zg-cards" data-testid="confinement">
        {layers.map((l) => (
          <li key={l.name} className="zg-cards-item">
            <div>
              <span className="zg-spread">
                <span className="zg-mono">{l.name}</span>
                <StatusTag tone={l.active ? 'good' : 'bad'}>{l.active ? t('providers.inForce') : t('providers.notInForce')}</StatusTag>
              </span>
              {l.reason && <span className="zg-muted zg-small">{l.reason}</span>}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
