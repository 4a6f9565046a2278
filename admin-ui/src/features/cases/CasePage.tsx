import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { Actor } from '@/components/Actor';
import { Ago } from '@/components/Ago';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { DetailPage } from '@/components/DetailPage';
import { Facts } from '@/components/Facts';
import { ObjectLink } from '@/components/ObjectLink';
import { Section } from '@/components/Section';
import { CallbackEffect, PaymentStatus, PayoutStatus, RefundStatus } from '@/components/states';
import { Timeline } from '@/components/Timeline';
import { UnknownNote } from '@/components/UnknownNote';
import type { Schemas } from '@/lib/api/client';
import { providerSaid } from '@/lib/providerSaid';
import { useNames, useTenant } from '@/lib/queries';
import { inLanguage } from '@/lib/schema';
import { type CaseDetail, inDoubt, useCase } from './api';
import { Actions } from './Actions';
import { CaseObject, CaseReason, CaseStatus } from './Case';
import { Resolutions } from './Resolutions';

/** One case with everything that is known: the order, every call and callback, people's decisions. */
export default function CasePage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useCase(id);
  return (
    <DetailPage
      title={query.data ? t(`cases.kinds.${query.data.case.kind}`, { defaultValue: query.data.case.kind }) : t('cases.one')}
      back={{ to: '/cases', label: t('nav.cases') }}
      query={query}
      status={(d) => <CaseStatus value={d.case} />}
      actions={(d) => <Actions detail={d} />}
    >
      {(d) => (
        <div className="zg-columns">
          <div className="zg-stack">
            <Doubt detail={d} />
            <Resolutions detail={d} />
            <Order detail={d} />
            <Section title={t('timeline.title')} extra={<span className="zg-muted zg-small">{t('common.timesAreBeijing')}</span>}>
              <Timeline {...d} />
            </Section>
            <Callbacks detail={d} />
          </div>
          <Particulars detail={d} />
        </div>
      )}
    </DetailPage>
  );
}

/** What is in doubt, and what can end it. */
function Doubt({ detail: d }: { detail: CaseDetail }) {
  const { t, i18n } = useTranslation();
  const order = d.refund ?? d.payout ?? d.payment;
  if (!d.case.open || !inDoubt(d.case.kind)) return null;
  const settles = d.conclusive ? t('cases.conclusive') : t(d.askable ? 'cases.inconclusive' : 'cases.notAskable', { by: inLanguage(d.settled_by, i18n.language) || t('cases.bySupport') });
  return (
    <>
      {order?.unknown && <UnknownNote since={order.unknown_since} reason={order.unknown_reason} nextCheck={d.next_ask_at} checks={order.checks} />}
      <p className="zg-once" role="note" data-testid="conclusive" data-conclusive={d.conclusive}>{settles}</p>
    </>
  );
}

function Order({ detail: d }: { detail: CaseDetail }) {
  const { t } = useTranslation();
  const names = useNames();
  const p = d.payment;
  if (d.payout) return <PayoutFacts detail={d} payout={d.payout} />;
  if (!p) return null;
  return (
    <Section title={t('cases.order')}>
      <Facts
        facts={[
          { label: t('cases.object'), value: <CaseObject value={d.case} /> },
          d.refund ? { label: t('refunds.amount'), value: <Amount fen={d.refund.amount} /> } : undefined,
          d.refund ? { label: t('common.status'), value: <RefundStatus value={d.refund} /> } : { label: t('common.status'), value: <PaymentStatus value={p} /> },
          d.refund ? { label: t('refunds.original'), value: <ObjectLink id={p.id} name={p.order_no} /> } : undefined,
          { label: t('orders.amount'), value: <Amount fen={p.amount} /> },
          { label: t('orders.refunded'), value: <Amount fen={p.refunded} /> },
          { label: t('orders.subject'), value: p.subject },
          { label: t('orders.provider'), value: names.provider(p.provider) },
          { label: t('orders.method'), value: names.method(p.provider, p.method) },
          { label: t('orders.providerNumber'), value: d.refund?.provider_refund_no ?? p.provider_order_no },
        ]}
      />
    </Section>
  );
}

function PayoutFacts({ detail: d, payout: p }: { detail: CaseDetail; payout: Schemas['Payout'] }) {
  const { t } = useTranslation();
  const names = useNames();
  return (
    <Section title={t('caseObjects.payout')}>
      <Facts
        facts={[
          { label: t('cases.object'), value: <CaseObject value={d.case} /> },
          { label: t('common.status'), value: <PayoutStatus value={p} /> },
          { label: t('orders.amount'), value: <Amount fen={p.amount} /> },
          { label: t('approvals.summary.payee_name'), value: p.payee_name },
          { label: t('approvals.summary.payee_number'), value: <span className="zg-mono">{p.payee_number}</span> },
          { label: t('approvals.summary.purpose'), value: p.purpose },
          { label: t('orders.provider'), value: names.provider(p.provider) },
          { label: t('orders.providerNumber'), value: p.provider_payout_no },
        ]}
      />
    </Section>
  );
}

function Callbacks({ detail: d }: { detail: CaseDetail }) {
  const { t } = useTranslation();
  if (d.callbacks.length === 0) return null;
  return (
    <Section title={t('nav.callbacks')} flush>
      <ul className="zg-cards">
        {d.callbacks.map((c) => (
          <li key={c.id} className="zg-cards-item">
            <div>
              <span className="zg-spread"><span><BeijingTime at={c.received_at} /></span><CallbackEffect value={c.effect} /></span>
              <span className="zg-spread zg-muted zg-small">
                <span>{t(c.verified ? 'callbacks.verifiedYes' : 'callbacks.verifiedNo')} · {providerSaid(c)}</span>
                <ObjectLink id={c.id} />
              </span>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Particulars({ detail: d }: { detail: CaseDetail }) {
  const { t } = useTranslation();
  const tenant = useTenant(d.case.tenant_id).data;
  const c = d.case;
  return (
    <Section title={t('cases.particulars')}>
      <Facts
        facts={[
          { label: t('cases.owner'), value: c.owner ? <Actor actor={c.owner} tenant={c.tenant_id} /> : t('cases.nobody') },
          { label: t('common.merchant'), value: tenant?.name },
          { label: t('callbacks.account'), value: d.account.name },
          { label: t('cases.reason'), value: <CaseReason value={c} />, wide: true },
          { label: t('cases.openedAt'), value: <><BeijingTime at={c.opened_at} /> <span className="zg-muted zg-small"><Ago at={c.opened_at} /></span></>, wide: true },
          c.times > 1 ? { label: t('cases.lastAt'), value: <>{t('cases.times', { count: c.times })} <BeijingTime at={c.last_at} /></>, wide: true } : undefined,
          d.last_asked_at ? { label: t('cases.lastAsked'), value: <BeijingTime at={d.last_asked_at} />, wide: true } : undefined,
          d.next_ask_at ? { label: t('orders.nextCheck'), value: <BeijingTime at={d.next_ask_at} />, wide: true } : undefined,
          c.closed_at ? { label: t('cases.closedAt'), value: <BeijingTime at={c.closed_at} />, wide: true } : undefined,
          c.closed_by ? { label: t('cases.closedBy'), value: <Actor actor={c.closed_by} tenant={c.tenant_id} /> } : undefined,
          { label: t('approvals.note'), value: c.closed_note, wide: true },
        ]}
      />
    </Section>
  );
}
