import { useQuery } from '@tanstack/react-query';
import { Button, Skeleton } from 'antd';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { EmptyState } from '@/components/EmptyState';
import { ErrorSentence } from '@/components/ErrorSentence';
import { PageHead } from '@/components/PageHead';
import { Section } from '@/components/Section';
import { PaymentStatus, PluginStatus } from '@/components/states';
import { api, call, type Schemas } from '@/lib/api/client';
import { addDays, beijingDay, dayEnd, dayStart } from '@/lib/beijing';
import { useMay } from '@/lib/permissions';
import { useNames, useProviders } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { Hours } from './Hours';

const REFRESH_MS = 30_000;

function useSummary(day: string) {
  const may = useMay();
  return useQuery({
    queryKey: ['summary', day],
    queryFn: () => call(() => api.GET('/v1/summary', { params: { query: { from: dayStart(day), to: dayEnd(day) } } })),
    enabled: may('summary:read'),
    refetchInterval: REFRESH_MS,
  });
}

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
      {may('summary:read') && <Today />}
      <div className="zg-columns">
        {may('payments:read') && <Recent />}
        <div className="zg-stack">
          {may('payments:read') && <Unknown />}
          {!tenantId && may('plugins:read') && <Plugins />}
        </div>
      </div>
    </div>
  );
}

function Today() {
  const { t } = useTranslation();
  const [today] = useState(() => beijingDay(Date.now()));
  const now = useSummary(today);
  const before = useSummary(addDays(today, -1));
  if (now.error && !now.data) return <ErrorSentence error={now.error} onRetry={() => void now.refetch()} />;
  if (!now.data) return <div className="zg-card zg-card-pad" aria-busy="true"><Skeleton active paragraph={{ rows: 2 }} /></div>;
  const s = now.data;
  const y = before.data;
  const range = `from=${today}&to=${today}`;
  return (
    <>
      <div className="zg-tiles" data-testid="today">
        <Tile label={t('home.paid')} value={<Amount fen={s.paid} />} before={y && <Amount fen={y.paid} muted />} note={t('home.count', { count: s.paid_count })} to={`/orders?${range}&state=succeeded`} />
        <Tile label={t('home.refunded')} value={<Amount fen={s.refunded} />} before={y && <Amount fen={y.refunded} muted />} note={t('home.count', { count: s.refunded_count })} to={`/refunds?${range}&state=succeeded`} />
        <Tile label={t('home.rate')} value={rate(s)} before={y && rate(y)} note={t('home.failed', { count: s.failed_count })} to={`/orders?${range}&state=failed`} />
        <Tile label={t('states.unknown')} value={String(s.unknown_count)} before={y && String(y.unknown_count)} note={t('home.unknownNote')} to="/orders?unknown=true" tone={s.unknown_count > 0 ? 'unknown' : undefined} />
      </div>
      <Section title={t('home.byHour')}>
        <Hours today={s.by_hour} yesterday={y?.by_hour} />
      </Section>
    </>
  );
}

/** Succeeded of all settled, in tenths of a per cent by whole-number arithmetic. */
function rate(s: Schemas['Summary']): string {
  const settled = s.paid_count + s.failed_count;
  if (settled === 0) return '–';
  const tenths = Math.round((s.paid_count * 1000) / settled);
  return `${Math.floor(tenths / 10)}.${tenths % 10}%`;
}

function Tile({ label, value, before, note, to, tone }: { label: string; value: ReactNode; before?: ReactNode; note: string; to: string; tone?: 'unknown' }) {
  const { t } = useTranslation();
  return (
    <Link to={to} className={`zg-card zg-tile${tone ? ` zg-tile-${tone}` : ''}`}>
      <span className="zg-tile-label">{label}</span>
      <span className="zg-tile-value">{value}</span>
      <span className="zg-muted zg-small">{note}</span>
      <span className="zg-muted zg-small">{t('home.yesterday')} {before ?? '–'}</span>
    </Link>
  );
}

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
              <span className="zg-clip">{p.subject}</span>
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

function Plugins() {
  const { t } = useTranslation();
  const names = useNames();
  const providers = useProviders().data ?? [];
  return (
    <Section title={t('nav.providers')} flush>
      {providers.length === 0 ? (
        <EmptyState title={t('providers.empty')} />
      ) : (
        <ul className="zg-cards">
          {providers.map((p) => (
            <li key={p.id} className="zg-cards-item">
              <Link to={`/providers/${p.id}`}>
                <span className="zg-spread">
                  <span>{names.provider(p.id)}</span>
                  <PluginStatus value={p.state} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
