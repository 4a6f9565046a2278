import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { DetailPage } from '@/components/DetailPage';
import { EmptyState } from '@/components/EmptyState';
import { errorSentence } from '@/components/ErrorSentence';
import { type Fact, Facts } from '@/components/Facts';
import { Notices } from '@/components/Notices';
import { Numbers } from '@/components/Numbers';
import { NextStep } from '@/components/NextStep';
import { RefundReason } from '@/components/RefundReason';
import { Section } from '@/components/Section';
import { PaymentStatus, RefundStatus } from '@/components/states';
import { Timeline } from '@/components/Timeline';
import { UnknownNote } from '@/components/UnknownNote';
import type { Schemas } from '@/lib/api/client';
import { asApiError } from '@/lib/api/error';
import { stepOf } from '@/lib/nextAction';
import { providerSaid } from '@/lib/providerSaid';
import { type Payment, useNames, useStores } from '@/lib/queries';
import { usePayment, useSyncPayment } from './api';
import { CancelDialog } from './CancelDialog';
import { RefundDialog } from './RefundDialog';

export default function OrderPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = usePayment(id);
  return (
    <DetailPage
      title={query.data?.payment.subject ?? t('orders.one')}
      back={{ to: '/orders', label: t('nav.orders') }}
      query={query}
      status={(d) => <PaymentStatus value={d.payment} />}
      actions={(d) => <Actions detail={d} />}
    >
      {(d) => (
        <div className="zg-columns">
          <div className="zg-stack">
            {d.payment.unknown && <UnknownNote since={d.payment.unknown_since} reason={d.payment.unknown_reason} nextCheck={d.payment.next_check_at} checks={d.payment.checks} />}
            <Next payment={d.payment} />
            <Money payment={d.payment} />
            <Particulars payment={d.payment} tenant={d.tenant} />
            <Section title={t('timeline.title')} extra={<span className="zg-muted zg-small">{t('common.timesAreBeijing')}</span>}>
              <Timeline {...d} />
            </Section>
          </div>
          <div className="zg-stack">
            <Numbers
              numbers={[
                [t('orders.ourNumber'), d.payment.order_no],
                [t('orders.merchantNumber'), d.payment.merchant_order_no],
                [t('orders.providerNumber'), d.payment.provider_order_no],
                [t('orders.channelNumber'), d.payment.channel_trade_no],
                [t('orders.id'), d.payment.id],
              ]}
            />
            <RefundList refunds={d.refunds} />
            <Notices objectId={d.payment.id} tenantId={d.payment.tenant_id} />
          </div>
        </div>
      )}
    </DetailPage>
  );
}

function Actions({ detail }: { detail: Schemas['PaymentDetail'] }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const sync = useSyncPayment(detail.payment);
  const [dialog, setDialog] = useState<'refund' | 'cancel' | null>(null);
  const ask = () =>
    sync.mutate(undefined, {
      onSuccess: (p) => void message.info(t('orders.syncDone', { state: p.unknown ? t('states.unknown') : t(`states.payment.${p.state}`) })),
      onError: (error) => void message.error(errorSentence(t, asApiError(error))),
    });
  return (
    <>
      {detail.syncable && (
        <Button onClick={ask} loading={sync.isPending}>
          {t('orders.sync')}
        </Button>
      )}
      {detail.cancelable && <Button onClick={() => setDialog('cancel')}>{t('orders.cancel')}</Button>}
      {detail.can_refund && (
        <Button type="primary" onClick={() => setDialog('refund')}>
          {t('orders.refund')}
        </Button>
      )}
      <CancelDialog payment={detail.payment} open={dialog === 'cancel'} onClose={() => setDialog(null)} />
      <RefundDialog payment={detail.payment} open={dialog === 'refund'} onClose={() => setDialog(null)} />
    </>
  );
}

function Next({ payment }: { payment: Payment }) {
  const { t } = useTranslation();
  const step = stepOf(payment);
  if (!step) return null;
  return (
    <Section title={t(`nextStep.title.${step.type}`)}>
      <NextStep payment={payment} />
    </Section>
  );
}

function Money({ payment: p }: { payment: Payment }) {
  const { t } = useTranslation();
  return (
    <section className="zg-card zg-card-pad" aria-label={t('orders.amount')}>
      <div className="zg-spread zg-wrap">
        <div>
          <div className="zg-muted">{t('orders.amount')}</div>
          <Amount fen={p.amount} size="hero" />
        </div>
        <dl className="zg-money">
          <div>
            <dt>{t('orders.refunded')}</dt>
            <dd><Amount fen={p.refunded} /></dd>
          </div>
          {p.reserved > 0 && (
            <div>
              <dt>{t('orders.reserved')}</dt>
              <dd><Amount fen={p.reserved} /></dd>
            </div>
          )}
          {p.succeeded_at && (
            <div>
              <dt>{t('orders.fee')}</dt>
              <dd><Amount fen={p.fee} /></dd>
            </div>
          )}
          <div>
            <dt>{t('orders.refundable')}</dt>
            <dd data-testid="refundable"><Amount fen={p.refundable} /></dd>
          </div>
        </dl>
      </div>
    </section>
  );
}

function Particulars({ payment: p, tenant }: { payment: Payment; tenant?: Schemas['Tenant'] }) {
  const { t } = useTranslation();
  const names = useNames();
  const store = useStores(p.tenant_id).data?.find((s) => s.id === p.store_id);
  const said = providerSaid(p);
  const facts: (Fact | false | undefined)[] = [
    tenant && { label: t('common.merchant'), value: tenant.name },
    { label: t('orders.provider'), value: names.provider(p.provider) },
    { label: t('orders.method'), value: names.method(p.provider, p.method) },
    { label: t('orders.channel'), value: p.channel && names.channel(p.provider, p.method, p.channel) },
    { label: t('orders.store'), value: store?.name },
    { label: t('orders.payer'), value: p.payer_id },
    { label: t('orders.createdAt'), value: <BeijingTime at={p.created_at} /> },
    p.succeeded_at ? { label: t('orders.paidAt'), value: <BeijingTime at={p.succeeded_at} /> } : undefined,
    p.next_check_at ? { label: t('orders.nextCheck'), value: <BeijingTime at={p.next_check_at} /> } : undefined,
    p.cancel_at ? { label: t('orders.cancelAt'), value: <BeijingTime at={p.cancel_at} /> } : undefined,
    { label: t('orders.failure'), value: p.failure_code && t(`errors.${p.failure_code}`, { defaultValue: p.failure_code }) },
    { label: t('orders.providerSaid'), value: said, wide: true },
    { label: t('orders.description'), value: p.description, wide: true },
  ];
  return (
    <Section title={t('orders.particulars')}>
      <Facts facts={facts} />
    </Section>
  );
}

function RefundList({ refunds }: { refunds: Schemas['Refund'][] }) {
  const { t } = useTranslation();
  if (refunds.length === 0) {
    return (
      <Section title={t('nav.refunds')}>
        <EmptyState title={t('orders.noRefunds')} />
      </Section>
    );
  }
  return (
    <Section title={t('nav.refunds')} flush>
      <ul className="zg-cards" data-testid="refund-list">
        {refunds.map((r) => (
          <li key={r.id} className="zg-cards-item">
            <Link to={`/refunds/${r.id}`}>
              <span className="zg-spread">
                <Amount fen={r.amount} />
                <RefundStatus value={r} />
              </span>
              <span>{r.reason}</span>
              <RefundReason value={r} />
              <span className="zg-muted zg-small"><BeijingTime at={r.created_at} /></span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
