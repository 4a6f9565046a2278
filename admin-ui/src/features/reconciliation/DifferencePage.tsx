import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { Actor } from '@/components/Actor';
import { Amount } from '@/components/Amount';
import { ApprovalNote } from '@/components/ApprovalNote';
import { BeijingTime } from '@/components/BeijingTime';
import { DetailPage } from '@/components/DetailPage';
import { Facts } from '@/components/Facts';
import { ObjectLink } from '@/components/ObjectLink';
import { Section } from '@/components/Section';
import { PaymentStatus, PayoutStatus, RefundStatus } from '@/components/states';
import { useMay } from '@/lib/permissions';
import { useNames, useTenant } from '@/lib/queries';
import { type DifferenceDetail, useDifference, waits } from './api';
import { Actions } from './Actions';
import { History } from './History';
import { Sides } from './Sides';
import { DifferenceStatus } from './states';

/** One disagreement: both sides, our order, the bill's line, and what people did about it. */
export default function DifferencePage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useDifference(id);
  const d = query.data?.difference;
  return (
    <DetailPage
      title={d ? t('differences.kindOf', { kind: t(`differences.kinds.${d.kind}`), movement: t(`reconciliation.movements.${d.movement}`) }) : t('nav.differences')}
      back={d ? { to: `/reconciliation/${d.reconciliation_id}`, label: t('reconciliation.titleOf', { account: query.data!.account.name, day: d.day }) } : { to: '/differences', label: t('nav.differences') }}
      query={query}
      status={(x) => <DifferenceStatus value={x.difference.state} />}
      actions={(x) => <Actions detail={x} />}
    >
      {(x) => (
        <div className="zg-columns">
          <div className="zg-stack">
            <Meaning detail={x} />
            <Sides difference={x.difference} />
            <Order detail={x} />
            <BillLine detail={x} />
          </div>
          <div className="zg-stack">
            <Particulars detail={x} />
            <History detail={x} />
          </div>
        </div>
      )}
    </DetailPage>
  );
}

/** What it means, and what can end it. */
function Meaning({ detail: x }: { detail: DifferenceDetail }) {
  const { t } = useTranslation();
  const may = useMay();
  const d = x.difference;
  const pending = x.approvals.find((a) => a.state === 'pending');
  return (
    <>
      <div className="zg-card zg-card-pad zg-stack-tight" role="note" data-testid="meaning">
        <p>{t(`differences.meanings.${d.kind}`)}</p>
        {d.kind === 'state' && waits(d) && x.not_correctable && may('reconciliation:correct') && <p className="zg-muted" data-testid="not-correctable">{x.not_correctable}</p>}
        {d.linked_id && <p>{t('differences.linkedTo')} <ObjectLink id={d.linked_id} /></p>}
      </div>
      {pending && <ApprovalNote approval={pending} />}
    </>
  );
}

/** Our order as it is now; the side above is how the comparison found it. */
function Order({ detail: x }: { detail: DifferenceDetail }) {
  const { t } = useTranslation();
  const names = useNames();
  const p = x.payment;
  if (!p && !x.refund && !x.payout) return null;
  return (
    <Section title={t('differences.order')} testId="order">
      <Facts
        facts={[
          x.refund && { label: t('refunds.one'), value: <ObjectLink id={x.refund.id} name={x.refund.refund_no} /> },
          x.refund && { label: t('refunds.amount'), value: <Amount fen={x.refund.amount} /> },
          x.refund && { label: t('common.status'), value: <RefundStatus value={x.refund} /> },
          x.payout && { label: t('objects.po'), value: <span className="zg-mono">{x.payout.payout_no}</span> },
          x.payout && { label: t('orders.amount'), value: <Amount fen={x.payout.amount} /> },
          x.payout && { label: t('common.status'), value: <PayoutStatus value={x.payout} /> },
          p && { label: t(x.refund ? 'refunds.original' : 'orders.one'), value: <ObjectLink id={p.id} name={p.order_no} /> },
          p && { label: t(x.refund ? 'differences.paid' : 'orders.amount'), value: <Amount fen={p.amount} /> },
          p && !x.refund && { label: t('common.status'), value: <PaymentStatus value={p} /> },
          p && { label: t('orders.subject'), value: p.subject },
          p && { label: t('orders.method'), value: names.method(p.provider, p.method) },
          p?.succeeded_at ? { label: t('orders.paidAt'), value: <BeijingTime at={p.succeeded_at} /> } : undefined,
        ]}
      />
    </Section>
  );
}

/** The line that proves it, as the provider wrote it. */
function BillLine({ detail: { line: l, difference: d } }: { detail: DifferenceDetail }) {
  const { t } = useTranslation();
  if (!l) return null;
  return (
    <Section title={t('differences.line')} testId="bill-line" extra={d.bill_id && <Link to={`/bills/${d.bill_id}?day=${d.reconciliation_id}`}>{t('reconciliation.readLines')}</Link>}>
      <Facts
        facts={[
          { label: t('reconciliation.line'), value: l.line },
          { label: t('reconciliation.movement'), value: t(`reconciliation.movements.${l.kind}`) },
          { label: t('orders.amount'), value: <Amount fen={l.amount} /> },
          l.fee !== undefined && { label: t('reconciliation.fee'), value: <Amount fen={l.fee} /> },
          { label: t('reconciliation.movedAt'), value: l.at && <BeijingTime at={l.at} /> },
          { label: t('differences.providerStatus'), value: l.status },
          { label: t('orders.method'), value: l.method },
          { label: t('differences.ourNumber'), value: l.number && <span className="zg-mono">{l.number}</span>, wide: true },
          { label: t('orders.providerNumber'), value: l.provider_number && <span className="zg-mono">{l.provider_number}</span>, wide: true },
        ]}
      />
    </Section>
  );
}

function Particulars({ detail: x }: { detail: DifferenceDetail }) {
  const { t } = useTranslation();
  const names = useNames();
  const d = x.difference;
  const tenant = useTenant(d.tenant_id).data;
  return (
    <Section title={t('differences.particulars')}>
      <Facts
        facts={[
          { label: t('cases.owner'), value: d.owner ? <Actor actor={d.owner} tenant={d.tenant_id} /> : t('cases.nobody') },
          { label: t('reconciliation.day'), value: <Link to={`/reconciliation/${d.reconciliation_id}`} className="zg-figures">{d.day}</Link> },
          { label: t('common.merchant'), value: tenant?.name },
          { label: t('callbacks.account'), value: x.account.name },
          { label: t('orders.provider'), value: names.provider(d.provider) },
          { label: t('differences.remark'), value: d.remark, wide: true },
        ]}
      />
    </Section>
  );
}
