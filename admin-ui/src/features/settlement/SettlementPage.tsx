import { ReloadOutlined } from '@ant-design/icons';
import { Button, Checkbox, Input, Skeleton, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Amount } from '@/components/Amount';
import { EmptyState } from '@/components/EmptyState';
import { ExportButton } from '@/components/ExportButton';
import { ErrorSentence } from '@/components/ErrorSentence';
import { ChoiceFilter, ClearFilters } from '@/components/Filters';
import { PageHead } from '@/components/PageHead';
import { StatusTag } from '@/components/StatusTag';
import { addDays, beijingDay } from '@/lib/beijing';
import { useStores } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { usePhone } from '@/lib/viewport';
import { type Line, MOST_DAYS, periodFrom, settlementFrom, type Sum, useSettlement } from './api';
import { useLineNames } from './names';
import { Overview } from './Overview';

/** What moved by day and store, and what it comes to. */
export default function SettlementPage() {
  const { t } = useTranslation();
  const { search } = useFilters();
  const [today] = useState(() => beijingDay(Date.now()));
  const asked = settlementFrom(search, today);
  const query = useSettlement(asked);
  return (
    <div className="zg-page">
      <PageHead
        title={t('nav.settlement')}
        lead={t('settlement.lead')}
        actions={
          <>
            <Button icon={<ReloadOutlined aria-hidden="true" spin={query.isFetching} />} onClick={() => void query.refetch()}>{t('common.refresh')}</Button>
            <ExportButton kind="settlement" query={asked} />
          </>
        }
      />
      <section className="zg-filters" aria-label={t('common.filters')}><Filters today={today} /></section>
      {Boolean(query.error) && <ErrorSentence error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && !query.error && <div className="zg-card zg-card-pad" aria-busy="true"><Skeleton active paragraph={{ rows: 8 }} /></div>}
      {query.data && (
        <>
          <Tiles sum={query.data.total} />
          <Overview asked={asked} />
          <div className="zg-card">
            {query.data.items.length > 0 ? <Lines lines={query.data.items} byAccount={asked.by === 'account'} /> : <EmptyState title={t('settlement.empty')} hint={t('settlement.emptyHint', { from: asked.from, to: asked.to })} />}
          </div>
        </>
      )}
    </div>
  );
}

function Filters({ today }: { today: string }) {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const { search, change } = useFilters();
  const stores = useStores(tenantId).data ?? [];
  const { from, to } = periodFrom(search, today);
  return (
    <>
      <Input className="zg-filter" type="date" aria-label={t('common.from')} value={from} min={addDays(to, 1 - MOST_DAYS)} max={to} onChange={(e) => change({ from: e.target.value, to })} />
      <Input className="zg-filter" type="date" aria-label={t('common.to')} value={to} max={today} onChange={(e) => change({ to: e.target.value })} />
      {stores.length > 0 && <ChoiceFilter name="store" label={t('orders.store')} multiple wide options={stores.map((s) => ({ value: s.id, label: s.name }))} />}
      <Checkbox checked={search.get('by') === 'account'} onChange={(e) => change({ by: e.target.checked ? 'account' : undefined })}>{t('settlement.byAccount')}</Checkbox>
      <ClearFilters />
    </>
  );
}

function Tiles({ sum }: { sum: Sum }) {
  const { t } = useTranslation();
  const tiles: [string, number, string][] = [
    [t('settlement.paid'), sum.paid, t('settlement.count', { count: sum.payments })],
    [t('settlement.refunded'), sum.refunded, t('settlement.count', { count: sum.refunds })],
    [t('settlement.paidOut'), sum.paid_out, t('settlement.count', { count: sum.payouts })],
    [t('settlement.fees'), sum.fees, ''],
    [t('settlement.net'), sum.net, sum.corrections !== 0 ? t('settlement.withCorrections') : t('settlement.netHint')],
  ];
  return (
    <section className="zg-tiles" aria-label={t('settlement.total')} data-testid="settlement-total">
      {tiles.map(([label, fen, note]) => (
        <div key={label} className="zg-card zg-tile">
          <span className="zg-tile-label">{label}</span>
          <span className="zg-tile-value"><Amount fen={fen} /></span>
          <span className="zg-muted zg-small">{note}</span>
        </div>
      ))}
    </section>
  );
}

const keyOf = (l: Line) => [l.tenant_id, l.day, l.store_id ?? '', l.account_id ?? ''].join(' ');

function entriesOf(l: Line): string {
  const query = new URLSearchParams({ from: l.day, to: l.day, ...(l.store_id ? { store: l.store_id } : {}), ...(l.account_id ? { account: l.account_id } : {}) });
  return `/settlement/entries?${query.toString()}`;
}

function Lines({ lines, byAccount }: { lines: Line[]; byAccount: boolean }) {
  const { t } = useTranslation();
  const columns = useColumns(byAccount, lines);
  if (usePhone()) return <ul className="zg-cards" aria-label={t('nav.settlement')}>{lines.map((l) => <li key={keyOf(l)} className="zg-cards-item"><Card line={l} lines={lines} /></li>)}</ul>;
  return <Table<Line> aria-label={t('nav.settlement')} columns={columns} dataSource={lines} rowKey={keyOf} pagination={false} scroll={{ x: 'max-content' }} />;
}

function Settled({ line }: { line: Line }) {
  const { t } = useTranslation();
  return <StatusTag tone={line.settled ? 'good' : 'busy'}>{t(line.settled ? 'settlement.settled' : 'settlement.open')}</StatusTag>;
}

/** The day, as a way to its movements where they can be read: of one merchant. */
function DayLink({ line }: { line: Line }) {
  const { tenantId } = useSession();
  return tenantId ? <Link className="zg-figures" to={entriesOf(line)}>{line.day}</Link> : <span className="zg-figures">{line.day}</span>;
}

function useColumns(byAccount: boolean, lines: Line[]): TableColumnsType<Line> {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const names = useLineNames(lines.map((l) => l.tenant_id));
  const money = (title: string, key: string, of: (l: Line) => number, count?: (l: Line) => number): TableColumnsType<Line>[number] => ({
    title,
    key,
    align: 'right',
    render: (_, l) => (
      <div className="zg-cell">
        <Amount fen={of(l)} muted={of(l) === 0} />
        {count && count(l) !== 0 && <div className="zg-muted zg-small">{t('settlement.count', { count: count(l) })}</div>}
      </div>
    ),
  });
  return [
    { title: t('reconciliation.day'), key: 'day', render: (_, l) => <div className="zg-cell"><DayLink line={l} /><div><Settled line={l} /></div></div> },
    ...(tenantId ? [] : [{ title: t('common.merchant'), key: 'merchant', render: (_: unknown, l: Line) => names.merchant(l.tenant_id) }]),
    { title: t('orders.store'), key: 'store', render: (_, l) => names.store(l.store_id) },
    ...(byAccount ? [{ title: t('callbacks.account'), key: 'account', render: (_: unknown, l: Line) => names.account(l.account_id) }] : []),
    money(t('settlement.paid'), 'paid', (l) => l.paid, (l) => l.payments),
    money(t('settlement.refunded'), 'refunded', (l) => l.refunded, (l) => l.refunds),
    money(t('settlement.paidOut'), 'paid_out', (l) => l.paid_out, (l) => l.payouts),
    money(t('settlement.fees'), 'fees', (l) => l.fees),
    money(t('settlement.corrections'), 'corrections', (l) => l.corrections),
    { title: t('settlement.net'), key: 'net', align: 'right', render: (_, l) => <span className="zg-strong"><Amount fen={l.net} /></span> },
  ];
}

function Card({ line: l, lines }: { line: Line; lines: Line[] }) {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const names = useLineNames(lines.map((x) => x.tenant_id));
  const where = [tenantId ? '' : names.merchant(l.tenant_id), names.store(l.store_id), l.account_id ? names.account(l.account_id) : ''].filter(Boolean).join(' · ');
  return (
    <div>
      <span className="zg-spread"><span className="zg-strong"><DayLink line={l} /></span><Settled line={l} /></span>
      <span className="zg-spread"><span>{where}</span><Amount fen={l.net} size="large" /></span>
      <span className="zg-muted zg-small">{t('settlement.paid')} <Amount fen={l.paid} muted /> · {t('settlement.refunded')} <Amount fen={l.refunded} muted /> · {t('settlement.fees')} <Amount fen={l.fees} muted /></span>
      {l.paid_out !== 0 && <span className="zg-muted zg-small">{t('settlement.paidOut')} <Amount fen={l.paid_out} muted /></span>}
      {l.corrections !== 0 && <span className="zg-muted zg-small">{t('settlement.corrections')} <Amount fen={l.corrections} muted /></span>}
    </div>
  );
}
