import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { Actor } from '@/components/Actor';
import { Amount } from '@/components/Amount';
import { ApprovalNote } from '@/components/ApprovalNote';
import { BeijingTime } from '@/components/BeijingTime';
import { DetailPage } from '@/components/DetailPage';
import { errorSentence } from '@/components/ErrorSentence';
import { Notices } from '@/components/Notices';
import { Numbers } from '@/components/Numbers';
import { Facts } from '@/components/Facts';
import { Section } from '@/components/Section';
import { PaymentStatus, RefundStatus } from '@/components/states';
import { Timeline } from '@/components/Timeline';
import { UnknownNote } from '@/components/UnknownNote';
import { asApiError } from '@/lib/api/error';
import { useMay } from '@/lib/permissions';
import { providerSaid } from '@/lib/providerSaid';
import { type Payment, type Refund, useNames } from '@/lib/queries';
import { isOpen, useRefund, useSyncRefund } from './api';

export default function RefundPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useRefund(id);
  return (
    <DetailPage
      title={t('refunds.one')}
      back={{ to: '/refunds', label: t('nav.refunds') }}
      query={query}
      status={(d) => <RefundStatus value={d.refund} />}
      actions={(d) => isOpen(d.refund) && <SyncButton refund={d.refund} />}
    >
      {(d) => (
        <div className="zg-columns">
          <div className="zg-stack">
            {d.refund.unknown && <UnknownNote since={d.refund.unknown_since} reason={d.refund.unknown_reason} nextCheck={d.refund.next_check_at} checks={d.refund.checks} />}
            {d.approval && <ApprovalNote approval={d.approval} />}
            <Particulars refund={d.refund} />
            <Section title={t('timeline.title')} extra={<span className="zg-muted zg-small">{t('common.timesAreBeijing')}</span>}>
              <Timeline {...d} />
            </Section>
          </div>
          <div className="zg-stack">
            <Numbers
              numbers={[
                [t('orders.ourNumber'), d.refund.refund_no],
                [t('refunds.merchantNumber'), d.refund.merchant_refund_no],
                [t('orders.providerNumber'), d.refund.provider_refund_no],
                [t('refunds.id'), d.refund.id],
              ]}
            />
            <Original payment={d.payment} />
            <Notices objectId={d.refund.id} tenantId={d.refund.tenant_id} />
          </div>
        </div>
      )}
    </DetailPage>
  );
}

function SyncButton({ refund }: { refund: Refund }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const may = useMay();
  const sync = useSyncRefund(refund);
  if (!may('refunds:sync')) return null;
  const ask = () =>
    sync.mutate(undefined, {
      onSuccess: (r) => void message.info(t('orders.syncDone', { state: r.unknown ? t('states.unknown') : t(`states.refund.${r.state}`) })),
      onError: (error) => void message.error(errorSentence(t, asApiError(error))),
    });
  return (
    <Button onClick={ask} loading={sync.isPending}>
      {t('orders.sync')}
    </Button>
  );
}

function Particulars({ refund: r }: { refund: Refund }) {
  const { t } = useTranslation();
  const names = useNames();
  const said = providerSaid(r);
  return (
    <Section title={t('refunds.particulars')}>
      <Facts
        facts={[
          { label: t('refunds.amount'), value: <Amount fen={r.amount} size="large" /> },
          { label: t('refundDialog.reason'), value: r.reason },
          { label: t('orders.provider'), value: names.provider(r.provider) },
          { label: t('refunds.maker'), value: <Actor actor={r.created_by} tenant={r.tenant_id} /> },
          { label: t('refunds.createdAt'), value: <BeijingTime at={r.created_at} /> },
          r.approved_at ? { label: t('refunds.approvedAt'), value: <BeijingTime at={r.approved_at} /> } : undefined,
          r.succeeded_at ? { label: t('refunds.doneAt'), value: <BeijingTime at={r.succeeded_at} /> } : undefined,
          r.next_check_at ? { label: t('orders.nextCheck'), value: <BeijingTime at={r.next_check_at} /> } : undefined,
          { label: t('orders.failure'), value: r.failure_code && t(`errors.${r.failure_code}`, { defaultValue: r.failure_code }) },
          { label: t('orders.providerSaid'), value: said, wide: true },
        ]}
      />
    </Section>
  );
}

function Original({ payment: p }: { payment: Payment }) {
  const { t } = useTranslation();
  return (
    <Section title={t('refunds.original')} flush>
      <div className="zg-cards-item">
        <Link to={`/orders/${p.id}`}>
          <span className="zg-spread">
            <Amount fen={p.amount} />
            <PaymentStatus value={p} />
          </span>
          <span>{p.subject}</span>
          <span className="zg-mono zg-small">{p.order_no}</span>
        </Link>
      </div>
    </Section>
  );
}
