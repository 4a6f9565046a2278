import { Button, type TableColumnsType } from 'antd';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { BulkBar } from '@/components/BulkBar';
import { ExportButton } from '@/components/ExportButton';
import { ListPage } from '@/components/ListPage';
import type { FilterNames } from '@/components/NothingFound';
import type { Sorts } from '@/components/RowsTable';
import { PaymentStatus } from '@/components/states';
import { useMay } from '@/lib/permissions';
import { type Payment, useNames, useStores } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { lazyWithWords } from '@/lib/words';
import { isOpen, usePayments } from './api';
import type { AskOrdersProps } from './AskOrders';
import { queryFrom } from './filters';
import { OrderFilters } from './OrderFilters';

const AskOrders = lazyWithWords<AskOrdersProps>('lists', () => import('./AskOrders'));

export default function OrdersPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const { search } = useFilters();
  const asked = queryFrom(search);
  const query = usePayments(asked);
  const may = useMay()('payments:sync');
  const [keys, setKeys] = useState<string[]>([]);
  const [asking, setAsking] = useState<Payment[]>();
  const open = may ? (query.data?.items ?? []).filter(isOpen) : [];
  const chosen = open.filter((p) => keys.includes(p.id));
  return (
    <>
      <ListPage<Payment>
        name="orders"
        title={t('nav.orders')}
        lead={t('common.timesAreBeijing')}
        actions={<ExportButton kind="payments" query={asked} columns={exported} />}
        filters={
          <>
            <OrderFilters />
            <BulkBar count={chosen.length}>
              <Button type="primary" onClick={() => setAsking(chosen)}>{t('orders.askChosen')}</Button>
            </BulkBar>
          </>
        }
        query={query}
        columns={useColumns()}
        sorts={sorts}
        rowKey={(p) => p.id}
        rowLink={(p) => `/orders/${p.id}`}
        card={(p) => <OrderCard payment={p} />}
        selection={open.length > 0 ? { keys, onChange: setKeys, selectable: isOpen, label: (p) => t('orders.choose', { number: p.order_no }) } : undefined}
        empty={{ title: t('orders.empty'), hint: t('orders.emptyHint'), action: tenantId ? <Link to="/take-payment">{t('nav.takePayment')}</Link> : undefined }}
        nothing={{ title: t('orders.emptyFiltered'), names: useFilterNames() }}
      />
      {asking && (
        <Suspense fallback={null}>
          <AskOrders
            payments={asking}
            onClose={() => {
              setAsking(undefined);
              setKeys([]);
            }}
          />
        </Suspense>
      )}
    </>
  );
}

function useFilterNames(): FilterNames {
  const { t } = useTranslation();
  const names = useNames();
  const stores = useStores(useSession().tenantId).data ?? [];
  const yuan = (text: string) => `¥${text}`;
  return {
    number: t('orders.anyNumber'),
    state: { label: t('common.status'), value: (s) => t(`states.payment.${s}`) },
    unknown: { label: t('common.status'), value: () => t('states.unknown') },
    provider: { label: t('orders.provider'), value: names.provider },
    method: { label: t('orders.method'), value: (m) => names.method('', m) },
    store: { label: t('orders.store'), value: (id) => stores.find((s) => s.id === id)?.name ?? id },
    min: { label: t('orders.minAmount'), value: yuan },
    max: { label: t('orders.maxAmount'), value: yuan },
  };
}

const sorts: Sorts = { usual: 'newest', of: { created: ['newest', 'oldest'], amount: ['largest', 'smallest'] } };

/** What the list's columns are in a file. */
const exported = {
  number: ['order_no', 'merchant_order_no'], created: ['created_at'], subject: ['subject'], way: ['method', 'provider'], amount: ['amount', 'refunded'], state: ['state'],
};

function useColumns(): TableColumnsType<Payment> {
  const { t } = useTranslation();
  const names = useNames();
  return [
    {
      title: t('orders.number'),
      key: 'number',
      width: 200,
      render: (_, p) => (
        <div className="zg-stack-tight zg-cell">
          <Link to={`/orders/${p.id}`} className="zg-mono">{p.order_no}</Link>
          {p.merchant_order_no !== p.order_no && <span className="zg-mono zg-muted zg-small">{p.merchant_order_no}</span>}
        </div>
      ),
    },
    { title: t('orders.createdAt'), key: 'created', width: 180, render: (_, p) => <BeijingTime at={p.created_at} /> },
    { title: t('orders.subject'), key: 'subject', ellipsis: true, render: (_, p) => p.subject },
    {
      title: t('orders.way'),
      key: 'way',
      width: 170,
      render: (_, p) => (
        <div className="zg-cell">
          <div>{names.method(p.provider, p.method)}</div>
          <div className="zg-muted zg-small">{names.provider(p.provider)}</div>
        </div>
      ),
    },
    {
      title: t('orders.amount'),
      key: 'amount',
      align: 'right',
      width: 160,
      render: (_, p) => (
        <div className="zg-cell">
          <Amount fen={p.amount} />
          {p.refunded > 0 && <div className="zg-muted zg-small zg-figures">{t('orders.refundedShort')} <Amount fen={p.refunded} muted /></div>}
        </div>
      ),
    },
    { title: t('common.status'), key: 'state', width: 176, render: (_, p) => <PaymentStatus value={p} /> },
  ];
}

function OrderCard({ payment: p }: { payment: Payment }) {
  const { t } = useTranslation();
  const names = useNames();
  return (
    <Link to={`/orders/${p.id}`}>
      <span className="zg-spread">
        <Amount fen={p.amount} size="large" />
        <PaymentStatus value={p} />
      </span>
      <span className="zg-spread">
        <span>{p.subject}</span>
        {p.refunded > 0 && <span className="zg-muted zg-small">{t('orders.refundedShort')} <Amount fen={p.refunded} muted /></span>}
      </span>
      <span className="zg-spread zg-muted zg-small">
        <BeijingTime at={p.created_at} />
        <span>{names.method(p.provider, p.method)}</span>
      </span>
      <span className="zg-mono zg-muted zg-small">{p.order_no}</span>
    </Link>
  );
}
