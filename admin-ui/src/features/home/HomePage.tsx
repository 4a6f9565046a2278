import { useQuery } from '@tanstack/react-query';
import { Button, Skeleton } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { EmptyState } from '@/components/EmptyState';
import { ErrorSentence } from '@/components/ErrorSentence';
import { PageHead } from '@/components/PageHead';
import { Section } from '@/components/Section';
import { PaymentStatus } from '@/components/states';
import { api, call } from '@/lib/api/client';
import { useMay } from '@/lib/permissions';
import { useNames } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { periodFrom, useSummary } from './api';
import { PeriodSwitch, Split, Tiles, Trend } from './Figures';
import { Waiting } from './Waiting';

/** What waits, what came in, and what happened last. */
export default function HomePage() {
  const { t } = useTranslation();
  const { me, tenantId } = useSession();
  const may = useMay();
  return (
    <div className="zg-page">
      <PageHead
        title={t('home.hello', { name: me.user?.name ?? '' })}
        lead={t('home.lead')}
        actions={
          <>
            {tenantId && may('payments:create') && (
              <Link to="/take-payment"><Button type="primary" tabIndex={-1}>{t('nav.takePayment')}</Button></Link>
            )}
            {!tenantId && may('tenants:create') && (
              <Link to="/merchants/new"><Button type="primary" tabIndex={-1}>{t('merchants.new')}</Button></Link>
            )}
          </>
        }
      />
      {may('summary:read') ? <Overview /> : may('payments:read') && <Recent />}
    </div>
  );
}

function Overview() {
  const may = useMay();
  const period = periodFrom(useFilters().search);
  const query = useSummary(period);
  const today = useSummary('today');
  if (query.error && !query.data) {
    return (
      <>
        <ErrorSentence error={query.error} onRetry={() => void query.refetch()} />
        {may('payments:read') && <Recent />}
      </>
    );
  }
  if (!query.data) return <Places />;
  return (
    <>
      <Waiting summary={today.data ?? query.data} />
      <div className="zg-periods"><PeriodSwitch value={period} /></div>
      <div className="zg-page" aria-busy={query.isPlaceholderData}>
        <Tiles summary={query.data} period={period} />
        <div className="zg-columns">
          <div className="zg-stack">
            <Trend summary={query.data} period={period} />
            {may('payments:read') && <Unknown />}
            {may('payments:read') && <Recent />}
          </div>
          <div className="zg-stack">
            <Split summary={query.data} by="provider" />
            <Split summary={query.data} by="method" />
          </div>
        </div>
      </div>
    </>
  );
}

/** The places of what is on its way, of the same size. */
function Places() {
  return (
    <>
      {[1, 3, 8].map((rows) => <div key={rows} className="zg-card zg-card-pad" aria-busy="true"><Skeleton active title={false} paragraph={{ rows }} /></div>)}
    </>
  );
}

const REFRESH_MS = 30_000;

function useOrders(query: { limit: number; unknown?: boolean }) {
  return useQuery({
    queryKey: ['payments', 'home', query],
    queryFn: () => call(() => api.GET('/v1/payments', { params: { query } })),
    select: (page) => page.items,
    refetchInterval: REFRESH_MS,
  });
}

function Recent() {
  const { t } = useTranslation();
  return (
    <Section title={t('home.recent')} extra={<Link to="/orders">{t('home.allOrders')}</Link>} flush>
      <Orders query={useOrders({ limit: 8 })} empty={t('orders.empty')} />
    </Section>
  );
}

function Unknown() {
  const { t } = useTranslation();
  const query = useOrders({ limit: 5, unknown: true });
  if (!query.data?.length) return null;
  return (
    <Section title={t('home.unknownOrders')} extra={<Link to="/orders?unknown=true">{t('home.allOrders')}</Link>} flush>
      <Orders query={query} empty="" />
    </Section>
  );
}

function Orders({ query, empty }: { query: ReturnType<typeof useOrders>; empty: string }) {
  const names = useNames();
  if (query.error && !query.data) return <ErrorSentence error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <div className="zg-card-pad" aria-busy="true"><Skeleton active /></div>;
  if (query.data.length === 0) return <EmptyState title={empty} />;
  return (
    <ul className="zg-cards">
      {query.data.map((p) => (
        <li key={p.id} className="zg-cards-item">
          <Link to={`/orders/${p.id}`}>
            <span className="zg-spread">
              <span className="zg-clip">{p.subject || p.order_no}</span>
              <Amount fen={p.amount} />
            </span>
            <span className="zg-spread zg-small">
              <span className="zg-muted"><BeijingTime at={p.created_at} /> · {names.method(p.provider, p.method)}</span>
              <PaymentStatus value={p} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
