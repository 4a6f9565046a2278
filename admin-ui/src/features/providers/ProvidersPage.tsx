import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { ListPage } from '@/components/ListPage';
import { PermissionGate } from '@/components/PermissionGate';
import { PluginStatus } from '@/components/states';
import { type Provider, useNames, useProviders } from '@/lib/queries';

export default function ProvidersPage() {
  const { t } = useTranslation();
  const names = useNames();
  const query = useProviders();
  const confined = (p: Provider) => t('providers.layers', { active: p.confinement.filter((l) => l.active).length, all: p.confinement.length });
  return (
    <ListPage<Provider>
      name="providers"
      title={t('nav.providers')}
      lead={t('providers.lead')}
      actions={
        <PermissionGate may="plugins:inspect">
          <Link to="/plugins" className="zg-link-button">{t('nav.plugins')}</Link>
        </PermissionGate>
      }
      query={{ ...query, data: query.data && { items: query.data } }}
      rowKey={(p) => p.id}
      rowLink={(p) => `/providers/${p.id}`}
      columns={[
        {
          title: t('common.name'),
          key: 'name',
          render: (_, p) => (
            <div className="zg-cell">
              <Link to={`/providers/${p.id}`}>{names.provider(p.id)}</Link>
              <div className="zg-mono zg-muted zg-small">{p.file}</div>
            </div>
          ),
        },
        { title: t('providers.version'), key: 'version', render: (_, p) => p.manifest?.version },
        { title: t('providers.confinement'), key: 'confinement', render: (_, p) => confined(p) },
        { title: t('providers.calls'), key: 'calls', align: 'right', render: (_, p) => <span className="zg-figures">{p.calls}</span> },
        { title: t('providers.failures'), key: 'failures', align: 'right', render: (_, p) => <span className="zg-figures">{p.failures}</span> },
        { title: t('providers.mean'), key: 'mean', align: 'right', render: (_, p) => <span className="zg-figures">{t('providers.millis', { millis: Math.round(p.mean_millis) })}</span> },
        { title: t('common.status'), key: 'state', render: (_, p) => <PluginStatus value={p.state} /> },
      ]}
      card={(p) => (
        <Link to={`/providers/${p.id}`}>
          <span className="zg-spread">
            <span className="zg-strong">{names.provider(p.id)}</span>
            <PluginStatus value={p.state} />
          </span>
          <span className="zg-muted zg-small">{p.manifest?.version} · {confined(p)}</span>
        </Link>
      )}
      empty={{ title: t('providers.empty'), hint: t('providers.emptyHint') }}
    />
  );
}
