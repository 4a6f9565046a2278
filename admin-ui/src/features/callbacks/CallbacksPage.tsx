import { Button, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { BeijingTime } from '@/components/BeijingTime';
import { ChoiceFilter, ClearFilters, PeriodFilter, TextFilter } from '@/components/Filters';
import { ListPage } from '@/components/ListPage';
import { ObjectLink } from '@/components/ObjectLink';
import { PermissionGate } from '@/components/PermissionGate';
import { CallbackEffect } from '@/components/states';
import { useAccounts, useNames } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { type Callback, effects, pageOfCallback, queryFrom, useCallbacks } from './api';
import { providerOf, Reason, RerunButton, useKindName } from './Callback';
import { RerunDialog } from './RerunDialog';

/** Everything that providers sent us, and what became of it. */
export default function CallbacksPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const { search } = useFilters();
  const accountName = useAccountName();
  const query = useCallbacks(queryFrom(search));
  const [rerunning, setRerunning] = useState(false);
  return (
    <>
      <ListPage<Callback>
        name="callbacks"
        title={t('nav.callbacks')}
        lead={t('callbacks.lead')}
        actions={
          tenantId && (
            <PermissionGate may="callbacks:rerun">
              <Button onClick={() => setRerunning(true)}>{t('callbacks.rerunRange')}</Button>
            </PermissionGate>
          )
        }
        filters={<Filters />}
        query={query}
        rowKey={(c) => c.id}
        rowLink={pageOfCallback}
        columns={useColumns()}
        card={(c) => <Card callback={c} />}
        empty={{ title: t('callbacks.empty'), hint: t('callbacks.emptyHint') }}
        nothing={{
          title: t('callbacks.emptyFiltered'),
          names: { effect: { value: (e) => t(`states.effect.${e}`, { defaultValue: e }) }, account: { label: t('callbacks.account'), value: accountName }, object: t('callbacks.objectId') },
        }}
      />
      {rerunning && <RerunDialog onClose={() => setRerunning(false)} />}
    </>
  );
}

function useAccountName(): (id: string) => string {
  const names = useNames();
  const accounts = useAccounts(useSession().tenantId).data ?? [];
  return (id) => {
    const found = accounts.find((a) => a.id === id);
    return found ? found.name || names.provider(found.provider) : id;
  };
}

function Filters() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const accountName = useAccountName();
  const accounts = useAccounts(tenantId).data ?? [];
  return (
    <>
      <ChoiceFilter name="effect" label={t('callbacks.anyEffect')} multiple wide options={effects.map((e) => ({ value: e, label: t(`states.effect.${e}`) }))} />
      {accounts.length > 1 && <ChoiceFilter name="account" label={t('callbacks.account')} wide options={accounts.map((a) => ({ value: a.id, label: accountName(a.id) }))} />}
      <TextFilter name="object" label={t('callbacks.objectId')} maxLength={32} />
      <PeriodFilter />
      <ClearFilters />
    </>
  );
}

function useColumns(): TableColumnsType<Callback> {
  const { t } = useTranslation();
  const names = useNames();
  const kindName = useKindName();
  return [
    { title: t('callbacks.receivedAt'), key: 'received', width: 180, render: (_, c) => <Link to={pageOfCallback(c)}><BeijingTime at={c.received_at} /></Link> },
    {
      title: t('callbacks.from'),
      key: 'from',
      render: (_, c) => (
        <div className="zg-cell">
          <div>{kindName(c)}</div>
          <div className="zg-muted zg-small">{names.provider(providerOf(c))} · <span className="zg-mono">{c.ip}</span></div>
        </div>
      ),
    },
    {
      title: t('callbacks.effect'),
      key: 'effect',
      render: (_, c) => (
        <div className="zg-cell">
          <CallbackEffect value={c.effect} />
          <Reason callback={c} />
        </div>
      ),
    },
    { title: t('callbacks.verified'), key: 'verified', width: 110, render: (_, c) => (c.verified ? t('callbacks.verifiedYes') : t('callbacks.verifiedNo')) },
    { title: t('callbacks.about'), key: 'about', width: 140, render: (_, c) => <ObjectLink id={c.object_id} /> },
    { title: t('callbacks.answer'), key: 'answer', width: 90, align: 'right', render: (_, c) => <span className="zg-figures">{c.answer_status || t('common.none')}</span> },
    { title: <span className="zg-sr-only">{t('common.actions')}</span>, key: 'actions', align: 'right', width: 120, render: (_, c) => <RerunButton callback={c} small /> },
  ];
}

function Card({ callback: c }: { callback: Callback }) {
  const names = useNames();
  const kindName = useKindName();
  return (
    <div>
      <span className="zg-spread"><Link to={pageOfCallback(c)} className="zg-strong">{kindName(c)}</Link><CallbackEffect value={c.effect} /></span>
      <Reason callback={c} />
      <span className="zg-spread zg-small"><span className="zg-muted">{names.provider(providerOf(c))}</span><ObjectLink id={c.object_id} /></span>
      <span className="zg-spread zg-muted zg-small"><BeijingTime at={c.received_at} /><RerunButton callback={c} small /></span>
    </div>
  );
}
