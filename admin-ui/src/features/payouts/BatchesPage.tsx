import { Button, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Actor } from '@/components/Actor';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { ChoiceFilter, ClearFilters } from '@/components/Filters';
import { ListPage } from '@/components/ListPage';
import { PermissionGate } from '@/components/PermissionGate';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { BatchStatus } from './BatchParts';
import { type Batch, batchStates, queryFrom, useBatches } from './batches';

/** The files of payouts, the newest first. */
export default function BatchesPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const { search } = useFilters();
  const newOne = tenantId && (
    <PermissionGate may="payouts:create">
      <Link to="/payouts/batches/new" data-testid="new-batch"><Button type="primary" tabIndex={-1}>{t('batches.new')}</Button></Link>
    </PermissionGate>
  );
  return (
    <ListPage<Batch>
      name="payout-batches"
      title={t('payouts.batches')}
      lead={t('batches.lead')}
      actions={<><Link to="/payouts" className="zg-link-button">{t('batches.singles')}</Link>{newOne}</>}
      filters={
        <>
          <ChoiceFilter name="state" label={t('orders.anyState')} multiple wide options={batchStates.map((s) => ({ value: s, label: t(`batches.states.${s}`) }))} />
          <ClearFilters />
        </>
      }
      query={useBatches(queryFrom(search))}
      columns={useColumns()}
      rowKey={(b) => b.id}
      rowLink={(b) => `/payouts/batches/${b.id}`}
      card={(b) => <Card batch={b} />}
      empty={{ title: t('batches.empty'), hint: t('batches.emptyHint'), action: newOne }}
      nothing={{ title: t('batches.emptyFiltered'), names: { state: { label: t('common.status'), value: (s) => t(`batches.states.${s}`, { defaultValue: s }) } } }}
    />
  );
}

function useColumns(): TableColumnsType<Batch> {
  const { t } = useTranslation();
  return [
    { title: t('batches.file'), key: 'file', render: (_, b) => <Link to={`/payouts/batches/${b.id}`}>{b.file_name || t('batches.unnamed')}</Link> },
    { title: t('batches.uploaded'), key: 'created', width: 180, render: (_, b) => <BeijingTime at={b.created_at} /> },
    { title: t('payouts.maker'), key: 'maker', width: 160, render: (_, b) => <Actor actor={b.created_by} tenant={b.tenant_id} /> },
    { title: t('batches.rows'), key: 'rows', align: 'right', width: 100, render: (_, b) => <span className="zg-figures">{b.rows}</span> },
    { title: t('batches.sum'), key: 'amount', align: 'right', width: 160, render: (_, b) => (b.state === 'invalid' ? <span className="zg-muted">{t('common.none')}</span> : <Amount fen={b.amount} />) },
    { title: t('common.status'), key: 'state', width: 184, render: (_, b) => <BatchStatus value={b.state} /> },
  ];
}

function Card({ batch: b }: { batch: Batch }) {
  const { t } = useTranslation();
  return (
    <Link to={`/payouts/batches/${b.id}`}>
      <span className="zg-spread">{b.state === 'invalid' ? <span className="zg-muted">{t('batches.nothingTaken')}</span> : <Amount fen={b.amount} size="large" />}<BatchStatus value={b.state} /></span>
      <span>{b.file_name || t('batches.unnamed')}</span>
      <span className="zg-spread zg-muted zg-small"><BeijingTime at={b.created_at} /><span>{t('batches.rowsOf', { count: b.rows })}</span></span>
    </Link>
  );
}
