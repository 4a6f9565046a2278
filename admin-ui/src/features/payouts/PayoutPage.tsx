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
import { PayoutStatus } from '@/components/states';
import { StatusTag } from '@/components/StatusTag';
import { Timeline } from '@/components/Timeline';
import { UnknownNote } from '@/components/UnknownNote';
import { asApiError } from '@/lib/api/error';
import { inCapitals } from '@/lib/capitals';
import { useMay } from '@/lib/permissions';
import { providerSaid } from '@/lib/providerSaid';
import { useNames } from '@/lib/queries';
import { type Payout, type PayoutDetail, useCasesOf, useDifferencesOf, usePayout, useSyncPayout } from './api';
import { useSpecNames } from './Payout';

/** One payout with everything that happened to it. */
export default function PayoutPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = usePayout(id);
  return (
    <DetailPage
      title={t('payouts.one')}
      back={{ to: '/payouts', label: t('nav.payouts') }}
      query={query}
      status={(d) => <PayoutStatus value={d.payout} />}
      actions={(d) => <SyncButton payout={d.payout} />}
    >
      {(d) => (
        <div className="zg-columns">
          <div className="zg-stack">
            <Notes detail={d} />
            <Money payout={d.payout} />
            <Particulars detail={d} />
            <Section title={t('timeline.title')} extra={<span className="zg-muted zg-small">{t('common.timesAreBeijing')}</span>}>
              <Timeline {...d} />
            </Section>
          </div>
          <div className="zg-stack">
            <Numbers
              numbers={[
                [t('payouts.number'), d.payout.payout_no],
                [t('payouts.merchantNumber'), d.payout.merchant_payout_no],
                [t('orders.providerNumber'), d.payout.provider_payout_no],
                [t('payouts.id'), d.payout.id],
              ]}
            />
            <PayeeFacts payout={d.payout} />
            <Related payout={d.payout} />
            <Notices objectId={d.payout.id} tenantId={d.payout.tenant_id} />
          </div>
        </div>
      )}
    </DetailPage>
  );
}

/** The provider can be asked about whatever was sent to it, also after its end: a bank gives money back. */
function SyncButton({ payout: p }: { payout: Payout }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const may = useMay();
  const sync = useSyncPayout(p);
  if (!may('payouts:sync') || !p.sent_at) return null;
  const ask = () =>
    sync.mutate(undefined, {
      onSuccess: (after) => void message.info(t('orders.syncDone', { state: after.unknown ? t('states.unknown') : t(`states.payout.${after.state}`) })),
      onError: (error) => void message.error(errorSentence(t, asApiError(error))),
    });
  return <Button onClick={ask} loading={sync.isPending} data-testid="sync">{t('orders.sync')}</Button>;
}

/** What people have to know about it before anything else. */
function Notes({ detail: d }: { detail: PayoutDetail }) {
  const { t } = useTranslation();
  const p = d.payout;
  const approval = d.approvals[0];
  return (
    <>
      {p.unknown && <UnknownNote since={p.unknown_since} reason={p.unknown_reason} nextCheck={p.next_check_at} checks={p.checks} />}
      {p.wait_reason && (
        <div className="zg-card zg-card-pad zg-stack-tight" role="note" data-testid="wait-note">
          <p className="zg-strong">{t(`payouts.waits.${p.wait_reason}`, { defaultValue: t('payouts.waits.other') })}</p>
          <p className="zg-muted">{t('payouts.waitsHint')} {p.next_check_at && <BeijingTime at={p.next_check_at} />}</p>
        </div>
      )}
      {p.state === 'returned' && <div className="zg-card zg-card-pad zg-stack-tight" role="note"><p className="zg-strong">{t('payouts.returnedNote')}</p></div>}
      {approval && <ApprovalNote approval={approval} />}
    </>
  );
}

function Money({ payout: p }: { payout: Payout }) {
  const { t } = useTranslation();
  return (
    <section className="zg-card zg-card-pad zg-stack-tight" aria-label={t('payouts.amount')}>
      <span className="zg-muted">{t('payouts.amount')}</span>
      <Amount fen={p.amount} size="hero" />
      <span className="zg-muted" lang="zh-CN">{inCapitals(p.amount)}</span>
      <dl className="zg-money zg-wrap">
        <div><dt>{t('payouts.fee')}</dt><dd>{p.fee > 0 || p.state === 'succeeded' ? <Amount fen={p.fee} /> : <span className="zg-muted">{t('payouts.feeLater')}</span>}</dd></div>
        {p.provider_fee !== undefined && <div><dt>{t('payouts.providerFee')}</dt><dd><Amount fen={p.provider_fee} /></dd></div>}
        {p.fee > 0 && <div><dt>{t('payouts.debit')}</dt><dd><Amount fen={p.amount + p.fee} /></dd></div>}
      </dl>
    </section>
  );
}

function Particulars({ detail: d }: { detail: PayoutDetail }) {
  const { t } = useTranslation();
  const names = useNames();
  const specName = useSpecNames();
  const p = d.payout;
  const said = providerSaid(p);
  return (
    <Section title={t('payouts.particulars')}>
      <Facts
        facts={[
          { label: t('payouts.purpose'), value: p.purpose },
          { label: t('payouts.source'), value: specName('sources', p.provider, p.source) },
          { label: t('orders.provider'), value: names.provider(p.provider) },
          { label: t('payouts.account'), value: d.account?.name },
          { label: t('payouts.channel'), value: p.channel },
          { label: t('payouts.maker'), value: <Actor actor={p.created_by} tenant={p.tenant_id} /> },
          p.approved_by ? { label: t('payouts.approver'), value: <Actor actor={p.approved_by} tenant={p.tenant_id} /> } : undefined,
          { label: t('common.createdAt'), value: <BeijingTime at={p.created_at} /> },
          p.sent_at ? { label: t('payouts.sentAt'), value: <BeijingTime at={p.sent_at} /> } : { label: t('payouts.sentAt'), value: <span className="zg-muted">{t('payouts.notSent')}</span> },
          p.paid_at ? { label: t('payouts.paidAt'), value: <BeijingTime at={p.paid_at} /> } : undefined,
          p.next_check_at && p.sent_at ? { label: t('orders.nextCheck'), value: <BeijingTime at={p.next_check_at} /> } : undefined,
          p.batch_id ? { label: t('payouts.batch'), value: <Link to={`/payouts/batches/${p.batch_id}`}>{t('payouts.batchRow', { row: p.batch_row ?? 0 })}</Link> } : undefined,
          { label: t('orders.failure'), value: p.failure_code && t(`payouts.failures.${p.failure_code}`, { defaultValue: t(`errors.${p.failure_code}`, { defaultValue: p.failure_code }) }), wide: true },
          { label: t('orders.providerSaid'), value: said, wide: true },
        ]}
      />
    </Section>
  );
}

function PayeeFacts({ payout: p }: { payout: Payout }) {
  const { t } = useTranslation();
  const specName = useSpecNames();
  return (
    <Section title={t('payouts.payee')}>
      <Facts
        facts={[
          { label: t('payouts.payeeName'), value: p.payee_name },
          { label: t('payouts.payeeNumber'), value: <span className="zg-mono">{p.payee_number}</span> },
          { label: t('payouts.payeeType'), value: specName('payee_types', p.provider, p.payee_type) },
          { label: t('payouts.bankName'), value: p.bank_name },
        ]}
      />
      <p className="zg-muted zg-small zg-folded">{t('payouts.sealed')}</p>
    </Section>
  );
}

/** The cases and differences about it, where there are any. */
function Related({ payout: p }: { payout: Payout }) {
  const { t } = useTranslation();
  const cases = useCasesOf(p).data ?? [];
  const differences = useDifferencesOf(p).data ?? [];
  if (cases.length + differences.length === 0) return null;
  return (
    <Section title={t('payouts.related')} flush testId="related">
      <ul className="zg-cards">
        {cases.map((c) => (
          <li key={c.id} className="zg-cards-item">
            <Link to={`/cases/${c.id}`}>
              <span className="zg-spread">
                <span>{t(`cases.kinds.${c.kind}`, { defaultValue: c.kind })}</span>
                <StatusTag tone={c.open ? (p.unknown ? 'unknown' : 'waiting') : 'over'}>{c.open ? t('cases.open') : t(`cases.closing.${c.closing}`, { defaultValue: t('cases.closed') })}</StatusTag>
              </span>
              <span className="zg-muted zg-small"><BeijingTime at={c.opened_at} /></span>
            </Link>
          </li>
        ))}
        {differences.map((x) => (
          <li key={x.id} className="zg-cards-item">
            <Link to={`/differences/${x.id}`}>
              <span className="zg-spread"><span>{t('payouts.difference')}</span><span className="zg-muted zg-small">{x.day}</span></span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
