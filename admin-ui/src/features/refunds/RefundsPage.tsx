import type { TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { ExportButton } from '@/components/ExportButton';
import { PeriodFilter, StateFilter, TextFilter } from '@/components/Filters';
import { ListPage } from '@/components/ListPage';
import { RefundReason } from '@/components/RefundReason';
import { RefundStatus } from '@/components/states';
import { type Refund, useNames } from '@/lib/queries';
import { useFilters } from '@/lib/useFilters';
import { queryFrom, refundStates, useRefunds } from './api';

export default function RefundsPage() {
  const { t } = useTranslation();
  const { search } = useFilters();
  const asked = queryFrom(search);
  const query = useRefunds(asked);
  return (
    <ListPage<Refund>
      name="refunds"
      title={t('nav.refunds')}
      lead={t('common.timesAreBeijing')}
      actions={<ExportButton kind="refunds" query={asked} columns={exported} />}
      filters={<Filters />}
      query={query}
      columns={useColumns()}
      rowKey={(r) => r.id}
      rowLink={(r) => `/refunds/${r.id}`}
      card={(r) => <RefundCard refund={r} />}
      empty={{ title: t('refunds.empty'), hint: t('refunds.emptyHint'), action: <Link to="/orders">{t('nav.orders')}</Link> }}
      nothing={{
        title: t('refunds.emptyFiltered'),
        names: {
          number: t('orders.anyNumber'),
          state: { label: t('common.status'), value: (s) => t(`states.refund.${s}`) },
          unknown: { label: t('common.status'), value: () => t('states.unknown') },
        },
      }}
    />
  );
}

function Filters() {
  const { t } = useTranslation();
  return (
    <>
      <TextFilter name="number" label={t('orders.anyNumber')} maxLength={128} />
      <StateFilter states={refundStates} words="refund" />
      <PeriodFilter />
    </>
  );
}

/** What the list's columns are in a file. */
const exported = { number: ['refund_no', 'merchant_refund_no'], created: ['created_at'], reason: ['reason'], provider: ['provider'], amount: ['amount'], state: ['state'] };

function useColumns(): TableColumnsType<Refund> {
  const { t } = useTranslation();
  const names = useNames();
  return [
    {
      title: t('refunds.number'),
      key: 'number',
      width: 200,
      render: (_, r) => (
        <div className="zg-stack-tight zg-cell">
          <Link to={`/refunds/${r.id}`} className="zg-mono">{r.refund_no}</Link>
          {r.merchant_refund_no !== r.refund_no && <span className="zg-mono zg-muted zg-small">{r.merchant_refund_no}</span>}
        </div>
      ),
    },
    { title: t('refunds.createdAt'), key: 'created', width: 180, render: (_, r) => <BeijingTime at={r.created_at} /> },
    { title: t('refundDialog.reason'), key: 'reason', ellipsis: true, render: (_, r) => r.reason },
    { title: t('orders.provider'), key: 'provider', width: 200, render: (_, r) => names.provider(r.provider) },
    { title: t('refunds.amount'), key: 'amount', align: 'right', width: 130, render: (_, r) => <Amount fen={r.amount} /> },
    { title: t('common.status'), key: 'state', width: 220, render: (_, r) => <div className="zg-cell"><RefundStatus value={r} /><div><RefundReason value={r} /></div></div> },
  ];
}

function RefundCard({ refund: r }: { refund: Refund }) {
  return (
    <Link to={`/refunds/${r.id}`}>
      <span className="zg-spread">
        <Amount fen={r.amount} size="large" />
        <RefundStatus value={r} />
      </span>
      <span>{r.reason}</span>
      <RefundReason value={r} />
      <span className="zg-spread zg-muted zg-small">
        <BeijingTime at={r.created_at} />
        <span className="zg-mono">{r.refund_no}</span>
      </span>
    </Link>
  );
}
