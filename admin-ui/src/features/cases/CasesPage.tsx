import { Button, Segmented, type TableColumnsType } from 'antd';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Actor, useOwnerName } from '@/components/Actor';
import { Assign } from '@/components/Assign';
import { BeijingTime } from '@/components/BeijingTime';
import { BulkBar } from '@/components/BulkBar';
import { ChoiceFilter } from '@/components/Filters';
import { ListPage } from '@/components/ListPage';
import { useMay } from '@/lib/permissions';
import { useActors } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { lazyWithWords } from '@/lib/words';
import { Ask, syncOf } from './Actions';
import type { AskCasesProps } from './AskCases';
import { type Case, caseKinds, inDoubt, queryFrom, useAssign, useCases } from './api';
import { CaseAge, CaseAmount, CaseAsked, CaseObject, CaseReason, CaseStatus } from './Case';

const AskCases = lazyWithWords<AskCasesProps>('lists', () => import('./AskCases'));

/** The queue of what a person has to look at: the oldest first. */
export default function CasesPage() {
  const { t } = useTranslation();
  const { search, change } = useFilters();
  const all = search.get('all') === 'true';
  const query = useCases(queryFrom(search));
  const [keys, setKeys] = useState<string[]>([]);
  const [asking, setAsking] = useState<Case[]>();
  const mayAsk = useMayAsk();
  const askable = (query.data?.items ?? []).filter(mayAsk);
  const chosen = askable.filter((c) => keys.includes(c.id));
  return (
    <>
      <ListPage<Case>
        name="cases"
        title={t('nav.cases')}
        lead={t('cases.lead')}
        filters={
          <>
            <Segmented
              aria-label={t('common.status')}
              value={all ? 'all' : 'open'}
              onChange={(value) => change({ all: value === 'all' ? 'true' : undefined })}
              options={[{ value: 'open', label: t('cases.queue') }, { value: 'all', label: t('cases.all') }]}
            />
            <ChoiceFilter name="kind" label={t('cases.anyKind')} multiple wide options={caseKinds.map((k) => ({ value: k, label: t(`cases.kinds.${k}`) }))} />
            <OwnerFilter />
            <BulkBar count={chosen.length}>
              <Button type="primary" onClick={() => setAsking(chosen)}>{t('orders.askChosen')}</Button>
            </BulkBar>
          </>
        }
        query={query}
        rowKey={(c) => c.id}
        rowLink={(c) => `/cases/${c.id}`}
        columns={useColumns()}
        card={(c) => <Card value={c} />}
        selection={askable.length > 0 ? { keys, onChange: setKeys, selectable: mayAsk, label: (c) => t('cases.choose', { number: c.order?.number ?? c.id.slice(-6) }) } : undefined}
        empty={{ title: t('cases.empty'), hint: t('cases.emptyHint') }}
        nothing={{
          title: t('cases.emptyFiltered'),
          names: { kind: { value: (k) => t(`cases.kinds.${k}`, { defaultValue: k }) }, owner: { label: t('cases.owner'), value: useOwnerName(useSession().tenantId) } },
          elsewhere: { key: 'all', value: 'true', label: t('cases.all') },
        }}
      />
      {asking && (
        <Suspense fallback={null}>
          <AskCases
            cases={asking}
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

/** Tells whether a person may ask the provider about what a case is about: it is open, and in doubt. */
function useMayAsk(): (c: Case) => boolean {
  const may = useMay();
  return (c) => c.open && inDoubt(c.kind) && may(syncOf(c));
}

function OwnerFilter() {
  const { t } = useTranslation();
  const { me, tenantId } = useSession();
  const people = (useActors(tenantId).data ?? []).filter((a) => a.active && a.actor.startsWith('user:') && a.actor !== `user:${me.user?.id}`);
  const mine = me.user ? [{ value: me.user.id, label: t('cases.mine') }] : [];
  return (
    <ChoiceFilter
      name="owner"
      label={t('cases.anyOwner')}
      options={[...mine, { value: 'none', label: t('cases.nobody') }, ...people.map((a) => ({ value: a.actor.slice('user:'.length), label: a.name }))]}
    />
  );
}

function useColumns(): TableColumnsType<Case> {
  const { t } = useTranslation();
  return [
    {
      title: t('cases.what'),
      key: 'what',
      width: 160,
      render: (_, c) => (
        <div className="zg-cell">
          <Link to={`/cases/${c.id}`}>{t(`cases.kinds.${c.kind}`, { defaultValue: c.kind })}</Link>
          <div><CaseReason value={c} /></div>
        </div>
      ),
    },
    { title: t('cases.object'), key: 'object', width: 200, render: (_, c) => <CaseObject value={c} /> },
    { title: t('orders.amount'), key: 'amount', align: 'right', width: 120, render: (_, c) => <CaseAmount value={c} /> },
    {
      title: t('cases.age'),
      key: 'age',
      width: 100,
      render: (_, c) => (
        <div className="zg-cell">
          <CaseAge value={c} />
          {c.times > 1 && <div className="zg-muted zg-small">{t('cases.times', { count: c.times })}</div>}
        </div>
      ),
    },
    { title: t('cases.lastAnswer'), key: 'asked', render: (_, c) => <CaseAsked value={c} /> },
    { title: t('cases.owner'), key: 'owner', width: 104, render: (_, c) => (c.owner ? <Actor actor={c.owner} tenant={c.tenant_id} /> : <span className="zg-muted">{t('cases.nobody')}</span>) },
    { title: t('common.status'), key: 'status', width: 116, render: (_, c) => <CaseStatus value={c} /> },
    { title: t('common.actions'), key: 'actions', width: 140, render: (_, c) => <RowActions value={c} /> },
  ];
}

/** What the queue lets one do without opening the case. */
function RowActions({ value: c }: { value: Case }) {
  const may = useMay();
  const mayAsk = useMayAsk();
  const assign = useAssign(c);
  if (!c.open) return null;
  return (
    <div className="zg-row">
      {mayAsk(c) && <Ask value={c} small />}
      {may('cases:assign') && <Assign tenantId={c.tenant_id} owner={c.owner} assign={assign} small />}
    </div>
  );
}

function Card({ value: c }: { value: Case }) {
  const { t } = useTranslation();
  return (
    <Link to={`/cases/${c.id}`}>
      <span className="zg-spread"><span className="zg-strong">{t(`cases.kinds.${c.kind}`, { defaultValue: c.kind })}</span><CaseStatus value={c} /></span>
      <span className="zg-spread"><CaseReason value={c} /><CaseAmount value={c} /></span>
      <span className="zg-spread zg-muted zg-small">
        <span>{c.owner ? <Actor actor={c.owner} tenant={c.tenant_id} /> : t('cases.nobody')}</span>
        {c.open ? <CaseAge value={c} /> : <BeijingTime at={c.closed_at} />}
      </span>
    </Link>
  );
}
