import { Input, Table, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { Actor, useOwnerName } from '@/components/Actor';
import { ExportButton } from '@/components/ExportButton';
import { ChoiceFilter, ClearFilters, DayFilters } from '@/components/Filters';
import { ListPage } from '@/components/ListPage';
import type { NothingFoundProps } from '@/components/NothingFound';
import { useActors, useNames } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { usePhone } from '@/lib/viewport';
import { type Difference, differenceKinds, differencesFrom, differenceStates, useDifferences } from './api';
import { SideAmount } from './Sides';
import { DifferenceKind, DifferenceStatus } from './states';

/** Where the two sides disagree: what waits for people, or whatever the address asks for. */
export default function DifferencesPage() {
  const { t } = useTranslation();
  const { search } = useFilters();
  const asked = differencesFrom(search);
  const query = useDifferences(asked);
  return (
    <ListPage<Difference>
      name="differences"
      title={t('nav.differences')}
      lead={t('differences.lead')}
      actions={
        <>
          <Link to="/reconciliation">{t('nav.reconciliation')}</Link>
          <ExportButton kind="differences" query={asked} />
        </>
      }
      filters={<Filters />}
      query={query}
      rowKey={(d) => d.id}
      rowLink={(d) => `/differences/${d.id}`}
      columns={useColumns()}
      card={(d) => <Card value={d} />}
      empty={{ title: t('differences.empty'), hint: t('differences.emptyHint'), action: <Link to="/differences?all=true">{t('differences.showAll')}</Link> }}
      nothing={useNothing()}
    />
  );
}

function useNothing(): NothingFoundProps {
  const { t } = useTranslation();
  const { search } = useFilters();
  return {
    title: t('differences.emptyFiltered'),
    names: {
      number: t('differences.anyNumber'),
      kind: { value: (k) => t(`differences.kinds.${k}`, { defaultValue: k }) },
      state: { label: t('common.status'), value: (s) => t(`differences.states.${s}`, { defaultValue: s }) },
      owner: { label: t('cases.anyOwner'), value: useOwnerName(useSession().tenantId) },
      account: { value: () => t('differences.oneAccount') },
      day: { value: () => t('differences.oneDay') },
    },
    // Which states are wanted is said already where some are chosen.
    elsewhere: { key: 'all', value: search.has('state') ? (search.get('all') ?? undefined) : 'true', label: t('differences.all') },
    byDay: true,
  };
}

function Filters() {
  const { t } = useTranslation();
  const { search, change } = useFilters();
  const { me, tenantId } = useSession();
  const people = (useActors(tenantId).data ?? []).filter((a) => a.active && a.actor.startsWith('user:') && a.actor !== `user:${me.user?.id}`);
  const mine = me.user ? [{ value: me.user.id, label: t('cases.mine') }] : [];
  return (
    <>
      <Input.Search
        key={search.get('number') ?? ''}
        className="zg-filter-wide"
        defaultValue={search.get('number') ?? ''}
        placeholder={t('differences.anyNumber')}
        aria-label={t('differences.anyNumber')}
        onSearch={(number) => change({ number: number.trim(), all: number.trim() ? 'true' : undefined })}
        maxLength={128}
        allowClear
      />
      <ChoiceFilter name="kind" label={t('differences.anyKind')} multiple wide options={differenceKinds.map((k) => ({ value: k, label: t(`differences.kinds.${k}`) }))} />
      <ChoiceFilter name="state" label={t('differences.waiting')} multiple wide options={differenceStates.map((s) => ({ value: s, label: t(`differences.states.${s}`) }))} />
      <ChoiceFilter
        name="owner"
        label={t('cases.anyOwner')}
        options={[...mine, { value: 'none', label: t('cases.nobody') }, ...people.map((a) => ({ value: a.actor.slice('user:'.length), label: a.name }))]}
      />
      <DayFilters />
      <ClearFilters />
    </>
  );
}

/** The rows alone, for the page of a day. */
export function DifferenceRows({ rows }: { rows: Difference[] }) {
  const navigate = useNavigate();
  const columns = useColumns().filter((c) => c.key !== 'day' && c.key !== 'owner').map((c) => (c.key === 'what' ? c : { ...c, width: 128 }));
  if (usePhone()) return <ul className="zg-cards">{rows.map((d) => <li key={d.id} className="zg-cards-item"><Card value={d} /></li>)}</ul>;
  return (
    <Table<Difference>
      columns={columns}
      dataSource={rows}
      rowKey={(d) => d.id}
      pagination={false}
      onRow={(d) => ({
        className: 'zg-row-link',
        onClick: (event) => {
          if (!(event.target as HTMLElement).closest('a') && !window.getSelection()?.toString()) void navigate(`/differences/${d.id}`);
        },
      })}
    />
  );
}

function useColumns(): TableColumnsType<Difference> {
  const { t } = useTranslation();
  const names = useNames();
  return [
    {
      title: t('differences.what'),
      key: 'what',
      render: (_, d) => (
        <div className="zg-cell">
          <Link to={`/differences/${d.id}`}><DifferenceKind value={d} /></Link>
          <div className="zg-mono zg-muted zg-small">{d.number || d.provider_number}</div>
        </div>
      ),
    },
    {
      title: t('reconciliation.day'),
      key: 'day',
      width: 170,
      render: (_, d) => (
        <div className="zg-cell">
          <Link to={`/reconciliation/${d.reconciliation_id}`} className="zg-figures">{d.day}</Link>
          <div className="zg-muted zg-small">{names.provider(d.provider)}</div>
        </div>
      ),
    },
    { title: t('reconciliation.ours'), key: 'ours', align: 'right', width: 150, render: (_, d) => <SideAmount difference={d} side="ours" /> },
    { title: t('reconciliation.theirs'), key: 'theirs', align: 'right', width: 150, render: (_, d) => <SideAmount difference={d} side="theirs" /> },
    { title: t('cases.owner'), key: 'owner', width: 130, render: (_, d) => <Owner value={d} /> },
    { title: t('common.status'), key: 'state', width: 176, render: (_, d) => <DifferenceStatus value={d.state} /> },
  ];
}

function Owner({ value: d }: { value: Difference }) {
  const { t } = useTranslation();
  return d.owner ? <Actor actor={d.owner} tenant={d.tenant_id} /> : <span className="zg-muted">{t('cases.nobody')}</span>;
}

function Card({ value: d }: { value: Difference }) {
  const { t } = useTranslation();
  return (
    <Link to={`/differences/${d.id}`}>
      <span className="zg-spread"><span className="zg-strong"><DifferenceKind value={d} /></span><DifferenceStatus value={d.state} /></span>
      <span className="zg-spread">
        <span>{t('reconciliation.ours')} <SideAmount difference={d} side="ours" /></span>
        <span>{t('reconciliation.theirs')} <SideAmount difference={d} side="theirs" /></span>
      </span>
      <span className="zg-spread zg-muted zg-small"><span className="zg-mono">{d.number || d.provider_number}</span><span className="zg-figures">{d.day}</span></span>
    </Link>
  );
}
