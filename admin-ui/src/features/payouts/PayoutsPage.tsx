import { Button, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { ExportButton } from '@/components/ExportButton';
import { ChoiceFilter, ClearFilters, PeriodFilter, StateFilter, TextFilter } from '@/components/Filters';
import { ListPage } from '@/components/ListPage';
import { PermissionGate } from '@/components/PermissionGate';
import { useNames } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { type Payout, payoutStates, queryFrom, usePayers, usePayouts } from './api';
import { Payee, PayoutState } from './Payout';

/** Money sent to payees, the newest first. */
export default function PayoutsPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const { search } = useFilters();
  const asked = queryFrom(search);
  const query = usePayouts(asked);
  const { payers } = usePayers(tenantId);
  return (
    <ListPage<Payout>
      name="payouts"
      title={t('nav.payouts')}
      lead={t('common.timesAreBeijing')}
      actions={
        <>
          <ExportButton kind="payouts" query={asked} columns={exported} />
          <Link to="/payouts/batches" className="zg-link-button">{t('payouts.batches')}</Link>
          {tenantId && <NewPayout />}
        </>
      }
      filters={<Filters />}
      query={query}
      columns={useColumns()}
      rowKey={(p) => p.id}
      rowLink={(p) => `/payouts/${p.id}`}
      card={(p) => <PayoutCard payout={p} />}
      empty={{ title: t('payouts.empty'), hint: t('payouts.emptyHint'), action: tenantId ? <NewPayout /> : undefined }}
      nothing={{
        title: t('payouts.emptyFiltered'),
        names: {
          number: t('payouts.anyNumber'),
          state: { label: t('common.status'), value: (s) => t(`states.payout.${s}`) },
          unknown: { label: t('common.status'), value: () => t('states.unknown') },
          account: { label: t('payouts.account'), value: (id) => payers.find((p) => p.account.id === id)?.account.name ?? id },
        },
      }}
    />
  );
}

function NewPayout() {
  const { t } = useTranslation();
  return (
    <PermissionGate may="payouts:create">
      <Link to="/payouts/new" data-testid="new-payout"><Button type="primary" tabIndex={-1}>{t('payouts.new')}</Button></Link>
    </PermissionGate>
  );
}

function Filters() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const { payers } = usePayers(tenantId);
  return (
    <>
      <TextFilter name="number" label={t('payouts.anyNumber')} maxLength={128} />
      <StateFilter states={payoutStates} words="payout" />
      {payers.length > 1 && <ChoiceFilter name="account" label={t('payouts.account')} wide options={payers.map((p) => ({ value: p.account.id, label: p.account.name }))} />}
      <PeriodFilter />
      <ClearFilters />
    </>
  );
}

/** What the list's columns are in a file. */
const exported = {
  number: ['payout_no', 'merchant_payout_no'], created: ['created_at'], payee: ['payee_name', 'payee_number', 'bank_name'], purpose: ['purpose'],
  provider: ['provider'], amount: ['amount', 'fee'], state: ['state'],
};

function useColumns(): TableColumnsType<Payout> {
  const { t } = useTranslation();
  const names = useNames();
  return [
    {
      title: t('payouts.number'),
      key: 'number',
      width: 200,
      render: (_, p) => (
        <div className="zg-stack-tight zg-cell">
          <Link to={`/payouts/${p.id}`} className="zg-mono">{p.payout_no}</Link>
          {p.merchant_payout_no !== p.payout_no && <span className="zg-mono zg-muted zg-small">{p.merchant_payout_no}</span>}
        </div>
      ),
    },
    { title: t('common.createdAt'), key: 'created', width: 180, render: (_, p) => <BeijingTime at={p.created_at} /> },
    { title: t('payouts.payee'), key: 'payee', width: 200, render: (_, p) => <Payee value={p} /> },
    { title: t('payouts.purpose'), key: 'purpose', width: 110, ellipsis: true, render: (_, p) => p.purpose },
    { title: t('orders.provider'), key: 'provider', render: (_, p) => names.provider(p.provider) },
    {
      title: t('payouts.amount'),
      key: 'amount',
      align: 'right',
      width: 130,
      render: (_, p) => (
        <div className="zg-cell">
          <Amount fen={p.amount} />
          {p.fee > 0 && <div className="zg-muted zg-small">{t('payouts.fee')} <Amount fen={p.fee} muted /></div>}
        </div>
      ),
    },
    { title: t('common.status'), key: 'state', width: 184, render: (_, p) => <PayoutState value={p} /> },
  ];
}

export function PayoutCard({ payout: p }: { payout: Payout }) {
  return (
    <Link to={`/payouts/${p.id}`}>
      <span className="zg-spread"><Amount fen={p.amount} size="large" /><PayoutState value={p} /></span>
      <Payee value={p} />
      <span className="zg-spread zg-muted zg-small"><BeijingTime at={p.created_at} /><span>{p.purpose}</span></span>
      <span className="zg-mono zg-muted zg-small">{p.payout_no}</span>
    </Link>
  );
}
