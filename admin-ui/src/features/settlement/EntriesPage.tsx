import type { TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { ExportButton } from '@/components/ExportButton';
import { DayFilters } from '@/components/Filters';
import { ListPage } from '@/components/ListPage';
import { ObjectLink } from '@/components/ObjectLink';
import { TenantOnly } from '@/components/TenantOnly';
import { beijingDay } from '@/lib/beijing';
import { useSession } from '@/lib/session';
import { entriesFrom, type Entry, useEntries } from './api';
import { useLineNames } from './names';

/** The movements that a settlement sums: written once and never changed. */
export default function EntriesPage() {
  return <TenantOnly><Entries /></TenantOnly>;
}

function Entries() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const [today] = useState(() => beijingDay(Date.now()));
  const asked = entriesFrom(search, today);
  return (
    <ListPage<Entry>
      name="entries"
      title={t('settlement.entries')}
      lead={t('settlement.entriesLead')}
      actions={
        <>
          <Link to="/settlement">{t('nav.settlement')}</Link>
          <ExportButton kind="statement" query={asked} label={t('settlement.statement')} />
        </>
      }
      filters={<DayFilters />}
      query={useEntries(asked)}
      rowKey={(e) => e.id}
      columns={useColumns()}
      card={(e) => <Card entry={e} />}
      empty={{ title: t('settlement.empty'), hint: t('orders.emptyFilteredHint') }}
    />
  );
}

function What({ entry: e }: { entry: Entry }) {
  const { t } = useTranslation();
  return (
    <div className="zg-cell">
      <div>{t(`reconciliation.movements.${e.kind}`)}</div>
      <div><ObjectLink id={e.object_id} name={e.number} /></div>
      {e.corrects && <div className="zg-tone-waiting zg-small">{t('settlement.corrects', { day: e.corrects })}</div>}
    </div>
  );
}

function useColumns(): TableColumnsType<Entry> {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const names = useLineNames(tenantId ? [tenantId] : []);
  return [
    { title: t('reconciliation.day'), key: 'day', width: 118, render: (_, e) => <span className="zg-figures">{e.day}</span> },
    { title: t('settlement.movement'), key: 'what', render: (_, e) => <What entry={e} /> },
    { title: t('settlement.bookedAt'), key: 'at', width: 180, render: (_, e) => <BeijingTime at={e.at} /> },
    { title: t('orders.store'), key: 'store', width: 130, render: (_, e) => names.store(e.store_id) },
    { title: t('callbacks.account'), key: 'account', width: 150, render: (_, e) => names.account(e.account_id) },
    { title: t('orders.amount'), key: 'amount', align: 'right', width: 120, render: (_, e) => <Amount fen={e.amount} /> },
    { title: t('settlement.fees'), key: 'fee', align: 'right', width: 96, render: (_, e) => <Amount fen={e.fee} muted={e.fee === 0} /> },
    { title: t('settlement.net'), key: 'net', align: 'right', width: 120, render: (_, e) => <Amount fen={e.net} /> },
  ];
}

function Card({ entry: e }: { entry: Entry }) {
  const { t } = useTranslation();
  return (
    <div>
      <span className="zg-spread"><What entry={e} /><Amount fen={e.net} /></span>
      <span className="zg-spread zg-muted zg-small"><BeijingTime at={e.at} /><span>{t('settlement.fees')} <Amount fen={e.fee} muted /></span></span>
    </div>
  );
}
