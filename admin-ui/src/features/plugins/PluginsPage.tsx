import { UploadOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Actor } from '@/components/Actor';
import { BeijingTime } from '@/components/BeijingTime';
import { ListPage } from '@/components/ListPage';
import { PermissionGate } from '@/components/PermissionGate';
import { StatusTag } from '@/components/StatusTag';
import { liveVersion, type Plugin, usePlugins, waiting } from './api';
import { pluginPath, StateAndReason, usePluginName, versionName } from './Parts';
import { UploadDialog } from './UploadDialog';

/** The plugins that lie here and what became of them; what wants a decision comes first. */
export default function PluginsPage() {
  const { t } = useTranslation();
  const name = usePluginName();
  const query = usePlugins();
  const [uploading, setUploading] = useState(false);
  const count = (query.data ?? []).reduce((sum, p) => sum + waiting(p), 0);
  return (
    <>
      <ListPage<Plugin>
        name="plugins"
        title={t('nav.plugins')}
        lead={count > 0 ? <span className="zg-tone-waiting" data-testid="waiting">{t('plugins.waiting', { count })}</span> : t('plugins.lead')}
        actions={
          <PermissionGate may="plugins:upload">
            <Button type="primary" icon={<UploadOutlined aria-hidden="true" />} onClick={() => setUploading(true)} data-testid="upload">{t('plugins.upload')}</Button>
          </PermissionGate>
        }
        query={{ ...query, data: query.data && { items: query.data } }}
        rowKey={(p) => p.id}
        rowLink={pluginPath}
        columns={[
          {
            title: t('plugins.plugin'),
            key: 'name',
            width: '24%',
            render: (_, p) => (
              <div className="zg-cell">
                <NameOf plugin={p} />
                {name(p) !== p.id && <div className="zg-mono zg-muted zg-small">{p.id}</div>}
              </div>
            ),
          },
          { title: t('plugins.liveVersion'), key: 'version', width: '14%', render: (_, p) => pluginPath(p) && <LiveVersion plugin={p} /> },
          { title: t('common.status'), key: 'state', render: (_, p) => <StateAndReason of={p} /> },
          { title: t('plugins.pending'), key: 'pending', width: '14%', render: (_, p) => <Waiting plugin={p} /> },
          { title: t('plugins.decided'), key: 'decided', width: 190, render: (_, p) => p.decided_at && <div className="zg-cell"><BeijingTime at={p.decided_at} /><div className="zg-muted zg-small"><Actor actor={p.decided_by} tenant={undefined} /></div></div> },
        ]}
        card={(p) => (
          <div>
            <span className="zg-spread">
              <NameOf plugin={p} />
              <Waiting plugin={p} />
            </span>
            {pluginPath(p) && <span className="zg-muted zg-small"><LiveVersion plugin={p} /></span>}
            <StateAndReason of={p} />
          </div>
        )}
        empty={{ title: t('providers.empty'), hint: t('providers.emptyHint') }}
      />
      <UploadDialog open={uploading} onClose={() => setUploading(false)} />
    </>
  );
}

/** A plugin by its name, with its page; a file that is none by what it is called. */
function NameOf({ plugin: p }: { plugin: Plugin }) {
  const name = usePluginName()(p);
  const to = pluginPath(p);
  return to ? <Link to={to}>{name}</Link> : <span className="zg-mono">{name}</span>;
}

function LiveVersion({ plugin: p }: { plugin: Plugin }) {
  const { t } = useTranslation();
  const live = liveVersion(p);
  return live ? <span className="zg-figures">{versionName(live)}</span> : <span className="zg-muted">{t(p.live_sha256 ? 'plugins.liveMissing' : 'plugins.noLive')}</span>;
}

function Waiting({ plugin }: { plugin: Plugin }) {
  const { t } = useTranslation();
  const count = waiting(plugin);
  return count > 0 ? <StatusTag tone="waiting" testId="pending-versions">{t('plugins.pendingCount', { count })}</StatusTag> : null;
}
