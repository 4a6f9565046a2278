import { Button, Segmented, type TableColumnsType } from 'antd';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Actor } from '@/components/Actor';
import { Ago, Left } from '@/components/Ago';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { BulkBar } from '@/components/BulkBar';
import { ChoiceFilter } from '@/components/Filters';
import { ListPage } from '@/components/ListPage';
import { PermissionGate } from '@/components/PermissionGate';
import { ApprovalStatus } from '@/components/states';
import { useNow } from '@/lib/now';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { lazyWithWords } from '@/lib/words';
import { Agreed } from './Approval';
import { type Approval, approvalKinds, queryFrom, useApprovals, useStanding } from './api';
import type { BulkDialogProps } from './BulkDialog';

const BulkDialog = lazyWithWords<BulkDialogProps>('lists', () => import('./BulkDialog'));

/** What waits for a second person, and what became of it. */
export default function ApprovalsPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const { search, change } = useFilters();
  const history = search.get('view') === 'history';
  const query = useApprovals(queryFrom(search));
  const stand = useStanding();
  const now = useNow();
  const [keys, setKeys] = useState<string[]>([]);
  const [bulk, setBulk] = useState<{ approvals: Approval[]; agree: boolean } | null>(null);
  const selectable = (a: Approval) => stand(a, now) === 'decide';
  const chosen = (query.data?.items ?? []).filter((a) => keys.includes(a.id) && selectable(a));
  return (
    <>
      <ListPage<Approval>
        name="approvals"
        title={t('nav.approvals')}
        lead={t('approvals.lead')}
        actions={
          tenantId && (
            <PermissionGate may="approvals:tiers">
              <Link to="/approvals/tiers" className="zg-link-button">{t('approvals.tiers')}</Link>
            </PermissionGate>
          )
        }
        filters={
          <>
            <Segmented
              aria-label={t('common.status')}
              value={history ? 'history' : 'pending'}
              onChange={(value) => change({ view: value === 'history' ? 'history' : undefined })}
              options={[{ value: 'pending', label: t('approvals.pending') }, { value: 'history', label: t('approvals.history') }]}
            />
            <ChoiceFilter name="kind" label={t('approvals.anyKind')} multiple wide options={approvalKinds.map((k) => ({ value: k, label: t(`approvals.kinds.${k}`) }))} />
            <BulkBar count={chosen.length}>
              <Button type="primary" onClick={() => setBulk({ approvals: chosen, agree: true })}>{t('approvals.agree')}</Button>
              <Button danger onClick={() => setBulk({ approvals: chosen, agree: false })}>{t('approvals.reject')}</Button>
            </BulkBar>
          </>
        }
        query={query}
        rowKey={(a) => a.id}
        rowLink={(a) => `/approvals/${a.id}`}
        columns={useColumns(history)}
        card={(a) => <Card approval={a} />}
        selection={history ? undefined : { keys, onChange: setKeys, selectable, label: (a) => t('approvals.choose', { id: a.id.slice(-6) }) }}
        empty={history ? { title: t('approvals.emptyHistory') } : { title: t('approvals.empty'), hint: t('approvals.emptyHint') }}
        nothing={{
          title: t('approvals.emptyFiltered'),
          names: { kind: { value: (k) => t(`approvals.kinds.${k}`, { defaultValue: k }) } },
          elsewhere: { key: 'view', value: history ? undefined : 'history', label: t(history ? 'approvals.pending' : 'approvals.history') },
        }}
      />
      {bulk && (
        <Suspense fallback={null}>
          <BulkDialog
            {...bulk}
            onClose={() => {
              setBulk(null);
              setKeys([]);
            }}
          />
        </Suspense>
      )}
    </>
  );
}

function useColumns(history: boolean): TableColumnsType<Approval> {
  const { t } = useTranslation();
  return [
    {
      title: t('approvals.what'),
      key: 'what',
      render: (_, a) => (
        <div className="zg-cell">
          <Link to={`/approvals/${a.id}`}>{t(`approvals.kinds.${a.kind}`)}</Link>
          {a.note && <div className="zg-muted zg-small">{a.note}</div>}
        </div>
      ),
    },
    { title: t('orders.amount'), key: 'amount', align: 'right', width: 150, render: (_, a) => <Amount fen={a.amount} /> },
    { title: t('approvals.maker'), key: 'maker', width: 160, render: (_, a) => <Actor actor={a.made_by} tenant={a.tenant_id} /> },
    { title: t('approvals.asked'), key: 'asked', width: 130, render: (_, a) => <Ago at={a.created_at} /> },
    history
      ? { title: t('approvals.endedAt'), key: 'ended', width: 180, render: (_, a) => <BeijingTime at={a.decided_at} /> }
      : { title: t('approvals.expires'), key: 'expires', width: 130, render: (_, a) => <Left until={a.expires_at} /> },
    { title: t('approvals.people'), key: 'people', width: 130, render: (_, a) => <Agreed approval={a} /> },
    { title: t('common.status'), key: 'state', width: 170, render: (_, a) => <Stand approval={a} /> },
  ];
}

function Card({ approval: a }: { approval: Approval }) {
  const { t } = useTranslation();
  return (
    <Link to={`/approvals/${a.id}`}>
      <span className="zg-spread"><Amount fen={a.amount} size="large" /><Stand approval={a} /></span>
      <span className="zg-spread"><span>{t(`approvals.kinds.${a.kind}`)}</span><Agreed approval={a} /></span>
      {a.note && <span>{a.note}</span>}
      <span className="zg-spread zg-muted zg-small">
        <Actor actor={a.made_by} tenant={a.tenant_id} />
        {a.state === 'pending' ? <Left until={a.expires_at} /> : <BeijingTime at={a.decided_at} />}
      </span>
    </Link>
  );
}

/** Where it stands, and why the one who looks cannot decide. */
function Stand({ approval }: { approval: Approval }) {
  const { t } = useTranslation();
  const standing = useStanding()(approval, useNow());
  return (
    <div className="zg-cell">
      <ApprovalStatus value={standing === 'late' ? 'expired' : approval.state} />
      {(standing === 'mine' || standing === 'answered') && <div className="zg-muted zg-small">{t(`approvals.standing.${standing}`)}</div>}
    </div>
  );
}
