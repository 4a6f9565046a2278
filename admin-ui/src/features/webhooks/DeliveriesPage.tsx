import { Button, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { BeijingTime } from '@/components/BeijingTime';
import { DeliveryStatus, EventType, Outcome, ResendButton, useTypeName } from '@/components/Delivery';
import { ChoiceFilter, ClearFilters, PeriodFilter, TextFilter } from '@/components/Filters';
import { ListPage } from '@/components/ListPage';
import { ObjectLink } from '@/components/ObjectLink';
import { PageHead } from '@/components/PageHead';
import { TenantOnly } from '@/components/TenantOnly';
import { type Delivery, useDeliveries, useEventTypes } from '@/lib/deliveries';
import { useMay } from '@/lib/permissions';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { deliveryStates, queryFrom, useWebhooks, type Webhook } from './api';
import { webhookName, WebhookLink } from './Endpoint';
import { ResendDialog } from './ResendDialog';

/** Everything that was sent to the merchant's programs, and what waits. */
export default function DeliveriesPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  if (tenantId) return <Deliveries />;
  return (
    <div className="zg-page">
      <PageHead title={t('nav.deliveries')} lead={t('webhooks.deliveriesLead')} />
      <TenantOnly>{null}</TenantOnly>
    </div>
  );
}

function Deliveries() {
  const { t } = useTranslation();
  const may = useMay();
  const { search } = useFilters();
  const query = useDeliveries(queryFrom(search));
  const webhooks = useWebhooks().data?.items ?? [];
  const typeName = useTypeName();
  const [chosen, setChosen] = useState<string[]>([]);
  const [resending, setResending] = useState(false);
  const rows = query.data?.items ?? [];
  const there = rows.filter((d) => chosen.includes(d.id));
  return (
    <>
      <ListPage<Delivery>
        name="webhook-deliveries"
        title={t('nav.deliveries')}
        lead={t('webhooks.deliveriesLead')}
        actions={there.length > 0 && <Button type="primary" onClick={() => setResending(true)}>{t('webhooks.resendChosen', { count: there.length })}</Button>}
        filters={<Filters webhooks={webhooks} />}
        query={query}
        rowKey={(d) => d.id}
        rowLink={(d) => `/webhook-deliveries/${d.id}`}
        {...(may('deliveries:resend') && {
          selection: { keys: chosen, onChange: setChosen, selectable: (d: Delivery) => d.state !== 'pending', label: (d: Delivery) => t('webhooks.choose', { what: typeName(d.type) }) },
        })}
        columns={useColumns(webhooks)}
        card={(d) => <Card value={d} webhooks={webhooks} />}
        empty={{ title: t('webhooks.noDeliveries'), hint: t('webhooks.noDeliveriesHint'), action: <Link to="/webhooks">{t('nav.webhooks')}</Link> }}
        nothing={{
          title: t('webhooks.emptyFiltered'),
          names: {
            state: { label: t('common.status'), value: (s) => t(`webhooks.states.${s}`) },
            type: { label: t('webhooks.event'), value: typeName },
            webhook: { label: t('webhooks.endpoint'), value: (id) => webhookName(webhooks.find((w) => w.id === id), id) },
            number: t('webhooks.number'),
          },
        }}
      />
      {resending && <ResendDialog deliveries={there} onClose={() => { setResending(false); setChosen([]); }} />}
    </>
  );
}

function Filters({ webhooks }: { webhooks: Webhook[] }) {
  const { t } = useTranslation();
  const types = useEventTypes().data ?? [];
  return (
    <>
      <ChoiceFilter name="state" label={t('webhooks.anyState')} multiple options={deliveryStates.map((s) => ({ value: s, label: t(`webhooks.states.${s}`) }))} />
      <ChoiceFilter name="type" label={t('webhooks.anyType')} multiple wide options={types.map((x) => ({ value: x.type, label: x.type }))} />
      {webhooks.length > 1 && <ChoiceFilter name="webhook" label={t('webhooks.anyEndpoint')} wide options={webhooks.map((w) => ({ value: w.id, label: webhookName(w, w.id) }))} />}
      <TextFilter name="number" label={t('webhooks.number')} />
      <PeriodFilter />
      <ClearFilters />
    </>
  );
}

function useColumns(webhooks: Webhook[]): TableColumnsType<Delivery> {
  const { t } = useTranslation();
  return [
    { title: t('webhooks.happenedAt'), key: 'at', width: 180, render: (_, d) => <Link to={`/webhook-deliveries/${d.id}`}><BeijingTime at={d.created_at} /></Link> },
    { title: t('webhooks.event'), key: 'event', render: (_, d) => <EventType type={d.type} /> },
    { title: t('webhooks.about'), key: 'about', width: 140, render: (_, d) => <ObjectLink id={d.object_id} /> },
    { title: t('webhooks.endpoint'), key: 'endpoint', render: (_, d) => <WebhookLink id={d.webhook_id} webhooks={webhooks} /> },
    { title: t('common.status'), key: 'state', width: 120, render: (_, d) => <DeliveryStatus value={d} /> },
    { title: t('webhooks.outcome'), key: 'outcome', width: 104, render: (_, d) => <Outcome value={d} /> },
    { title: t('webhooks.attempts'), key: 'attempts', width: 108, align: 'right', render: (_, d) => <span className="zg-figures">{d.attempts}</span> },
    { title: <span className="zg-sr-only">{t('common.actions')}</span>, key: 'actions', align: 'right', width: 110, render: (_, d) => <ResendButton value={d} small /> },
  ];
}

function Card({ value: d, webhooks }: { value: Delivery; webhooks: Webhook[] }) {
  return (
    <div>
      <span className="zg-spread"><Link to={`/webhook-deliveries/${d.id}`} className="zg-strong"><EventType type={d.type} /></Link><DeliveryStatus value={d} /></span>
      <Outcome value={d} />
      <span className="zg-spread zg-small"><WebhookLink id={d.webhook_id} webhooks={webhooks} /><ObjectLink id={d.object_id} /></span>
      <span className="zg-spread zg-muted zg-small"><BeijingTime at={d.created_at} /><ResendButton value={d} small /></span>
    </div>
  );
}
