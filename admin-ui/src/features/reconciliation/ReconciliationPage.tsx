import { ReloadOutlined } from '@ant-design/icons';
import { Button, Input, Segmented, Skeleton } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { EmptyState } from '@/components/EmptyState';
import { ErrorSentence } from '@/components/ErrorSentence';
import { PermissionGate } from '@/components/PermissionGate';
import { PageHead } from '@/components/PageHead';
import { addDays, beijingDay } from '@/lib/beijing';
import { useAccountsOf, useMerchantNames } from '@/lib/books';
import { type Account, useNames } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { type Day, rangeFrom, spans, useDays } from './api';
import { dayTones } from './states';

/** Every account's days side by side: where both sides agree, and where somebody has to look. */
export default function ReconciliationPage() {
  const { t } = useTranslation();
  const { search } = useFilters();
  const [today] = useState(() => beijingDay(Date.now()));
  const { days, to } = rangeFrom(search, today);
  const query = useDays(days.at(-1)!, to);
  const all = query.data?.items ?? [];
  const rows = useRows(search.get('open') === 'true' ? all.filter(needsPeople) : all);
  return (
    <div className="zg-page">
      <PageHead
        title={t('nav.reconciliation')}
        lead={t('reconciliation.lead')}
        actions={
          <>
            <Button icon={<ReloadOutlined aria-hidden="true" spin={query.isFetching} />} onClick={() => void query.refetch()}>{t('common.refresh')}</Button>
            <PermissionGate may="bills:read"><Link to="/bill-imports"><Button tabIndex={-1}>{t('reconciliation.imports')}</Button></Link></PermissionGate>
            <Link to="/differences"><Button type="primary" tabIndex={-1}>{t('nav.differences')}</Button></Link>
          </>
        }
      />
      <section className="zg-filters" aria-label={t('common.filters')}>
        <Range today={today} />
      </section>
      {Boolean(query.error) && <ErrorSentence error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && !query.error && <div className="zg-card zg-card-pad" aria-busy="true"><Skeleton active paragraph={{ rows: 6 }} /></div>}
      {query.data && (rows.length > 0 ? <Grid rows={rows} days={days} /> : <Nothing filtered={search.get('open') === 'true'} />)}
      {query.data?.more && <p role="note" className="zg-once">{t('reconciliation.more')}</p>}
    </div>
  );
}

function needsPeople(d: Day): boolean {
  return d.state === 'open' || d.state === 'incomplete';
}

/** How many days up to which one, and whether only what needs somebody. */
function Range({ today }: { today: string }) {
  const { t } = useTranslation();
  const { search, change } = useFilters();
  const { span, to } = rangeFrom(search, today);
  return (
    <>
      <Segmented
        aria-label={t('reconciliation.which')}
        value={search.get('open') === 'true' ? 'open' : 'all'}
        onChange={(v) => change({ open: v === 'open' ? 'true' : undefined })}
        options={[{ value: 'all', label: t('reconciliation.all') }, { value: 'open', label: t('reconciliation.needsYou') }]}
      />
      <Segmented aria-label={t('reconciliation.span')} value={span} onChange={(v) => change({ days: String(v) })} options={spans.map((n) => ({ value: n, label: t('reconciliation.days', { count: n }) }))} />
      <Input className="zg-filter" type="date" aria-label={t('reconciliation.until')} value={to} max={addDays(today, -1)} onChange={(e) => change({ to: e.target.value })} />
    </>
  );
}

interface Row {
  account: string;
  name: string;
  about: string;
  days: Map<string, Day>;
}

/** A row for each account that has a day, by merchant and name. */
function useRows(days: Day[]): Row[] {
  const { t } = useTranslation();
  const names = useNames();
  const { tenantId } = useSession();
  const accounts = useAccountsOf([...new Set(days.map((d) => d.tenant_id))].toSorted());
  const merchant = useMerchantNames(!tenantId);
  const rows = new Map<string, Row>();
  for (const d of days) {
    const account: Account | undefined = accounts.find((a) => a.id === d.account_id);
    const row = rows.get(d.account_id) ?? {
      account: d.account_id,
      name: account?.name ?? t('reconciliation.account', { id: d.account_id.slice(-6) }),
      about: [tenantId ? undefined : merchant(d.tenant_id), names.provider(d.provider)].filter(Boolean).join(' · '),
      days: new Map<string, Day>(),
    };
    row.days.set(d.day, d);
    rows.set(d.account_id, row);
  }
  return [...rows.values()].toSorted((a, b) => a.about.localeCompare(b.about) || a.name.localeCompare(b.name));
}

function Grid({ rows, days }: { rows: Row[]; days: string[] }) {
  const { t } = useTranslation();
  return (
    <div className="zg-card zg-grid-scroll" role="region" aria-label={t('nav.reconciliation')} tabIndex={0}>
      <table className="zg-grid" data-testid="reconciliation-grid">
        <thead>
          <tr>
            <th scope="col">{t('callbacks.account')}</th>
            {days.map((day) => <th scope="col" key={day} className="zg-figures"><time dateTime={day}>{day.slice(5)}</time></th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.account}>
              <th scope="row">
                <span className="zg-strong">{row.name}</span>
                <span className="zg-muted zg-small">{row.about}</span>
              </th>
              {days.map((day) => <td key={day}><Cell day={row.days.get(day)} /></td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** One account's day in a word, which leads to the day. */
function Cell({ day }: { day: Day | undefined }) {
  const { t } = useTranslation();
  if (!day) return <span className="zg-muted zg-grid-none" title={t('reconciliation.noDay')}>{t('reconciliation.noDayShort')}</span>;
  const word = day.open > 0 ? t('reconciliation.openShort', { count: day.open }) : t(`reconciliation.short.${day.state}`);
  return (
    <Link className={`zg-grid-cell zg-status-${dayTones[day.state]}`} to={`/reconciliation/${day.id}`} data-state={day.state} title={`${day.day} ${t(`reconciliation.states.${day.state}`)}`}>
      <span className="zg-status-mark" aria-hidden="true" />
      {word}
    </Link>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  const { t } = useTranslation();
  const { clear } = useFilters();
  return (
    <div className="zg-card">
      {filtered ? (
        <EmptyState title={t('reconciliation.emptyFiltered')} hint={t('reconciliation.emptyFilteredHint')} action={<Button onClick={clear}>{t('common.clearFilters')}</Button>} />
      ) : (
        <EmptyState title={t('reconciliation.empty')} hint={t('reconciliation.emptyHint')} />
      )}
    </div>
  );
}
