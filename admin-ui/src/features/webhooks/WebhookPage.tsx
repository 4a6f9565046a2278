import { App, Button, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import { Actor } from '@/components/Actor';
import { Ago } from '@/components/Ago';
import { BeijingTime } from '@/components/BeijingTime';
import { CopyText } from '@/components/CopyText';
import { DeliveryStatus, EventType, Outcome, ResendButton, useTypeName } from '@/components/Delivery';
import { DetailPage } from '@/components/DetailPage';
import { EmptyState } from '@/components/EmptyState';
import { ErrorSentence, errorSentence } from '@/components/ErrorSentence';
import { Facts } from '@/components/Facts';
import { ListBody } from '@/components/ListPage';
import { ObjectLink } from '@/components/ObjectLink';
import { PermissionGate } from '@/components/PermissionGate';
import { Section } from '@/components/Section';
import { asApiError } from '@/lib/api/error';
import { type Delivery, failureSentence, useDeliveries } from '@/lib/deliveries';
import { useSession } from '@/lib/session';
import { useRemove, useSummary, useUpdate, useWebhook, type Webhook } from './api';
import { FailingSince, webhookName, WebhookStatus } from './Endpoint';
import { ResendRangeDialog } from './ResendRangeDialog';
import { Secrets } from './Secrets';
import { TestDialog } from './TestDialog';
import { EditDialog } from './WebhookForm';

/** One endpoint: how it fares, what signs for it, what was sent to it. */
export default function WebhookPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useWebhook(id);
  return (
    <DetailPage
      title={query.data ? webhookName(query.data, id) : t('webhooks.endpoint')}
      back={{ to: '/webhooks', label: t('nav.webhooks') }}
      query={query}
      lead={(w) => <FailingSince value={w} />}
      status={(w) => <WebhookStatus value={w} />}
      actions={(w) => <Actions value={w} />}
    >
      {(w) => (
        <div className="zg-stack">
          <Summary value={w} />
          <Particulars value={w} />
          <Secrets value={w} />
          <Latest value={w} />
        </div>
      )}
    </DetailPage>
  );
}

function Actions({ value: w }: { value: Webhook }) {
  const { t } = useTranslation();
  const { modal, message } = App.useApp();
  const navigate = useNavigate();
  const update = useUpdate(w.id);
  const remove = useRemove(w.id);
  const [open, setOpen] = useState<'edit' | 'test' | null>(null);
  const tell = (error: unknown) => void message.error(errorSentence(t, asApiError(error)));
  const turn = (enabled: boolean) => update.mutateAsync({ url: w.url, description: w.description, types: w.types, enabled }).catch(tell);
  const disable = () =>
    void modal.confirm({ title: t('webhooks.disableTitle'), content: t('webhooks.disableHint'), okText: t('webhooks.disable'), cancelText: t('common.cancel'), onOk: () => turn(false) });
  const drop = () =>
    void modal.confirm({
      title: t('webhooks.removeTitle', { name: webhookName(w, w.id) }),
      content: t('webhooks.removeHint'),
      okText: t('webhooks.remove'),
      cancelText: t('common.cancel'),
      okButtonProps: { danger: true },
      onOk: () => remove.mutateAsync().then(() => navigate('/webhooks'), tell),
    });
  return (
    <>
      <PermissionGate may="webhooks:test"><Button type="primary" onClick={() => setOpen('test')}>{t('webhooks.test')}</Button></PermissionGate>
      <PermissionGate may="webhooks:update">
        <Button onClick={() => setOpen('edit')}>{t('webhooks.edit')}</Button>
        {w.enabled ? <Button onClick={disable}>{t('webhooks.disable')}</Button> : <Button loading={update.isPending} onClick={() => void turn(true)}>{t('webhooks.enable')}</Button>}
      </PermissionGate>
      <PermissionGate may="webhooks:delete"><Button danger onClick={drop}>{t('webhooks.remove')}</Button></PermissionGate>
      {open === 'edit' && <EditDialog value={w} onClose={() => setOpen(null)} />}
      {open === 'test' && <TestDialog value={w} onClose={() => setOpen(null)} />}
    </>
  );
}

function Summary({ value: w }: { value: Webhook }) {
  const { t } = useTranslation();
  const query = useSummary(w.id);
  const s = query.data;
  if (query.error) return <ErrorSentence error={query.error} onRetry={() => void query.refetch()} />;
  if (!s) return null;
  const ended = s.delivered + s.failed + s.retrying;
  return (
    <Section title={t('webhooks.summary')} testId="webhook-summary">
      <Facts
        facts={[
          { label: t('webhooks.successRate'), value: <span className="zg-figures zg-strong">{ended === 0 ? t('common.none') : `${((100 * s.delivered) / ended).toFixed(1)}%`}</span> },
          { label: t('webhooks.states.delivered'), value: <span className="zg-figures">{s.delivered}</span> },
          { label: t('webhooks.states.failed'), value: <span className="zg-figures">{s.failed}</span> },
          { label: t('webhooks.retrying'), value: <span className="zg-figures">{s.retrying}</span> },
          { label: t('webhooks.waiting'), value: <span className="zg-figures">{s.pending - s.retrying}</span> },
          s.oldest_pending_at ? { label: t('webhooks.oldest'), value: <Ago at={s.oldest_pending_at} /> } : undefined,
        ]}
      />
      {s.failures.length > 0 && (
        <ul className="zg-cards" aria-label={t('webhooks.lastFailures')}>
          {s.failures.map((f) => (
            <li key={`${f.status ?? 0} ${f.error}`} className="zg-cards-item">
              <div>
                <span className="zg-spread"><span>{failureSentence(t, f.status, f.error)}</span><span className="zg-figures">{t('webhooks.times', { count: f.count })}</span></span>
                <span className="zg-muted zg-small">{t('webhooks.lastTime')} <BeijingTime at={f.last_at} /></span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Particulars({ value: w }: { value: Webhook }) {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const typeName = useTypeName();
  return (
    <Section title={t('webhooks.settings')}>
      <Facts
        facts={[
          { label: t('webhooks.url'), value: <CopyText text={w.url} label={t('webhooks.url')} />, wide: true },
          { label: t('webhooks.types'), value: w.types.length === 0 ? t('webhooks.allTypes') : <ul>{w.types.map((type) => <li key={type}>{typeName(type)} <span className="zg-mono zg-muted zg-small">{type}</span></li>)}</ul>, wide: true },
          { label: t('webhooks.createdBy'), value: <Actor actor={w.created_by} tenant={tenantId} /> },
          { label: t('common.createdAt'), value: <BeijingTime at={w.created_at} /> },
          w.disabled_at ? { label: t('webhooks.disabledAt'), value: <BeijingTime at={w.disabled_at} /> } : undefined,
        ]}
      />
    </Section>
  );
}

/** What was sent to it last. */
function Latest({ value: w }: { value: Webhook }) {
  const { t } = useTranslation();
  const [resending, setResending] = useState(false);
  const query = useDeliveries({ webhook_id: w.id, limit: 10 });
  const columns: TableColumnsType<Delivery> = [
    { title: t('webhooks.event'), key: 'event', render: (_, d) => <Link to={`/webhook-deliveries/${d.id}`}><EventType type={d.type} /></Link> },
    { title: t('webhooks.about'), key: 'about', width: 150, render: (_, d) => <ObjectLink id={d.object_id} /> },
    { title: t('common.status'), key: 'state', width: 120, render: (_, d) => <DeliveryStatus value={d} /> },
    { title: t('webhooks.outcome'), key: 'outcome', render: (_, d) => <Outcome value={d} /> },
    { title: t('webhooks.happenedAt'), key: 'at', width: 180, render: (_, d) => <BeijingTime at={d.created_at} /> },
    { title: <span className="zg-sr-only">{t('common.actions')}</span>, key: 'actions', align: 'right', width: 110, render: (_, d) => <ResendButton value={d} small /> },
  ];
  return (
    <Section
      title={t('webhooks.latest')}
      flush
      testId="webhook-latest"
      extra={
        <div className="zg-actions">
          <Link to={`/webhook-deliveries?webhook=${w.id}`}>{t('webhooks.allDeliveries')}</Link>
          <PermissionGate may="deliveries:resend"><Button disabled={!w.enabled} onClick={() => setResending(true)}>{t('webhooks.resendRange')}</Button></PermissionGate>
        </div>
      }
    >
      {query.data?.items.length === 0 ? (
        <EmptyState title={t('webhooks.noDeliveries')} hint={t('webhooks.noDeliveriesHint')} />
      ) : (
        <ListBody<Delivery>
          title={t('webhooks.latest')}
          query={{ ...query, data: query.data && { items: query.data.items } }}
          rowKey={(d) => d.id}
          rowLink={(d) => `/webhook-deliveries/${d.id}`}
          columns={columns}
          card={(d) => (
            <div>
              <span className="zg-spread"><Link to={`/webhook-deliveries/${d.id}`}><EventType type={d.type} /></Link><DeliveryStatus value={d} /></span>
              <Outcome value={d} />
              <span className="zg-spread zg-small"><BeijingTime at={d.created_at} /><ObjectLink id={d.object_id} /></span>
            </div>
          )}
          empty={{ title: t('webhooks.noDeliveries') }}
        />
      )}
      {resending && <ResendRangeDialog value={w} onClose={() => setResending(false)} />}
    </Section>
  );
}
