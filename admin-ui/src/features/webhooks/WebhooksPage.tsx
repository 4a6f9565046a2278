import { PlusOutlined } from '@ant-design/icons';
import { Button, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Actor } from '@/components/Actor';
import { BeijingTime } from '@/components/BeijingTime';
import { ListBody } from '@/components/ListPage';
import { PageHead } from '@/components/PageHead';
import { PermissionGate } from '@/components/PermissionGate';
import { TenantOnly } from '@/components/TenantOnly';
import { useSession } from '@/lib/session';
import { useWebhooks, type Webhook } from './api';
import { FailingSince, webhookName, WebhookStatus } from './Endpoint';
import { CreateDialog } from './WebhookForm';

/** Where a merchant's programs are told what happens. */
export default function WebhooksPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const [creating, setCreating] = useState(false);
  return (
    <div className="zg-page">
      <PageHead
        title={t('nav.webhooks')}
        lead={t('webhooks.lead')}
        actions={
          tenantId && (
            <PermissionGate may="webhooks:create">
              <Button type="primary" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setCreating(true)}>{t('webhooks.new')}</Button>
            </PermissionGate>
          )
        }
      />
      <TenantOnly>
        <Endpoints />
      </TenantOnly>
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
    </div>
  );
}

function Endpoints() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const query = useWebhooks();
  const columns: TableColumnsType<Webhook> = [
    {
      title: t('webhooks.endpoint'),
      key: 'endpoint',
      render: (_, w) => (
        <div className="zg-cell">
          <Link to={`/webhooks/${w.id}`}>{webhookName(w, w.id)}</Link>
          {w.description && <div className="zg-mono zg-muted zg-small">{w.url}</div>}
        </div>
      ),
    },
    { title: t('webhooks.types'), key: 'types', width: 160, render: (_, w) => typesOf(w) },
    { title: t('common.status'), key: 'status', width: 220, render: (_, w) => <div className="zg-cell"><WebhookStatus value={w} /><div><FailingSince value={w} /></div></div> },
    { title: t('webhooks.createdBy'), key: 'by', width: 150, render: (_, w) => <Actor actor={w.created_by} tenant={tenantId} /> },
    { title: t('common.createdAt'), key: 'created', width: 180, render: (_, w) => <BeijingTime at={w.created_at} /> },
  ];
  function typesOf(w: Webhook): string {
    return w.types.length === 0 ? t('webhooks.allTypes') : t('webhooks.typeCount', { count: w.types.length });
  }
  return (
    <ListBody<Webhook>
      title={t('nav.webhooks')}
      query={query}
      rowKey={(w) => w.id}
      rowLink={(w) => `/webhooks/${w.id}`}
      columns={columns}
      card={(w) => (
        <div>
          <span className="zg-spread"><Link to={`/webhooks/${w.id}`} className="zg-strong">{webhookName(w, w.id)}</Link><WebhookStatus value={w} /></span>
          <span className="zg-mono zg-muted zg-small">{w.url}</span>
          <span className="zg-spread zg-small"><span className="zg-muted">{typesOf(w)}</span><FailingSince value={w} /></span>
        </div>
      )}
      empty={{ title: t('webhooks.empty'), hint: t('webhooks.emptyHint') }}
    />
  );
}
