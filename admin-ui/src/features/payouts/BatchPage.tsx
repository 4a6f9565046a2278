import { App, Button, Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { Actor } from '@/components/Actor';
import { Amount } from '@/components/Amount';
import { ApprovalNote } from '@/components/ApprovalNote';
import { BeijingTime } from '@/components/BeijingTime';
import { CopyText } from '@/components/CopyText';
import { DetailPage } from '@/components/DetailPage';
import { errorSentence } from '@/components/ErrorSentence';
import { ExportButton } from '@/components/ExportButton';
import { Facts } from '@/components/Facts';
import { ListBody } from '@/components/ListPage';
import { Section } from '@/components/Section';
import { StatusTag } from '@/components/StatusTag';
import { payoutTone } from '@/components/states';
import { asApiError } from '@/lib/api/error';
import { useNames } from '@/lib/queries';
import { useFilters } from '@/lib/useFilters';
import { type Payout, queryFrom, usePayouts } from './api';
import { BatchStatus, RowErrors } from './BatchParts';
import { type BatchDetail, underWay, useBatch, useBatchErrors } from './batches';
import { Payee, PayoutState } from './Payout';
import { PayoutCard } from './PayoutsPage';

/** One file of payouts: what it came to, who agreed, and how far it is. */
export default function BatchPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useBatch(id);
  return (
    <DetailPage
      title={query.data?.batch.file_name || t('payouts.batch')}
      back={{ to: '/payouts/batches', label: t('payouts.batches') }}
      query={query}
      status={(d) => <BatchStatus value={d.batch.state} />}
      actions={(d) => (d.batch.state === 'invalid' ? <ErrorsButton detail={d} /> : <ExportButton kind="payouts" query={{ batch_id: d.batch.id }} />)}
    >
      {(d) => (
        <>
          <div className="zg-columns">
            <div className="zg-stack">
              {d.approvals[0] && <ApprovalNote approval={d.approvals[0]} />}
              {d.batch.state === 'invalid' ? <Wrong detail={d} /> : <HowFar detail={d} />}
            </div>
            <Particulars detail={d} />
          </div>
          {d.batch.state !== 'invalid' && <Rows detail={d} />}
        </>
      )}
    </DetailPage>
  );
}

function ErrorsButton({ detail: { batch } }: { detail: BatchDetail }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const errors = useBatchErrors(batch);
  const load = () =>
    errors.mutate(t('batches.errorsName', { name: batch.file_name.replace(/\.csv$/i, '') }), { onError: (error) => void message.error(errorSentence(t, asApiError(error))) });
  return <Button onClick={load} loading={errors.isPending}>{t('batches.saveErrors')}</Button>;
}

function Wrong({ detail: { batch, errors } }: { detail: BatchDetail }) {
  const { t } = useTranslation();
  return (
    <Section title={t('batches.notTaken', { count: batch.error_count })} flush>
      <RowErrors errors={errors} />
    </Section>
  );
}

/** The payouts by state: counts, sums, and how many have come to an end. */
function HowFar({ detail: d }: { detail: BatchDetail }) {
  const { t } = useTranslation();
  const ended = d.totals.filter((x) => !['pending_approval', 'processing', 'in_review'].includes(x.state)).reduce((sum, x) => sum + x.count, 0);
  const { change } = useFilters();
  return (
    <Section title={t('batches.progress')} testId="batch-progress">
      <div className="zg-stack">
        <div>
          <div className="zg-spread"><span>{t('batches.ended', { count: ended, all: d.batch.rows })}</span>{underWay(d) > 0 && d.batch.state === 'approved' && <span className="zg-muted zg-small">{t('batches.goesOn')}</span>}</div>
          <Progress percent={d.batch.rows > 0 ? Math.floor((100 * ended) / d.batch.rows) : 0} showInfo={false} aria-label={t('batches.progress')} />
        </div>
        <ul className="zg-stack-tight">
          {d.totals.map((x) => (
            <li key={x.state} className="zg-spread" data-testid={`total-${x.state}`}>
              <button type="button" className="zg-plain" onClick={() => change({ state: [x.state] })}>
                <StatusTag tone={payoutTone({ state: x.state, unknown: false })}>{t(`states.payout.${x.state}`)}</StatusTag>
              </button>
              <span className="zg-row"><span className="zg-figures zg-muted">{t('batches.rowsOf', { count: x.count })}</span><Amount fen={x.amount} /></span>
            </li>
          ))}
        </ul>
      </div>
    </Section>
  );
}

function Particulars({ detail: { batch: b } }: { detail: BatchDetail }) {
  const { t } = useTranslation();
  const names = useNames();
  return (
    <Section title={t('batches.particulars')}>
      <Facts
        facts={[
          b.state !== 'invalid' && { label: t('batches.sum'), value: <Amount fen={b.amount} size="large" />, wide: true },
          { label: t('batches.rows'), value: <span className="zg-figures">{b.rows}</span> },
          { label: t('orders.provider'), value: names.provider(b.provider) },
          { label: t('payouts.maker'), value: <Actor actor={b.created_by} tenant={b.tenant_id} /> },
          b.approved_by ? { label: t('payouts.approver'), value: <Actor actor={b.approved_by} tenant={b.tenant_id} /> } : undefined,
          { label: t('batches.uploaded'), value: <BeijingTime at={b.created_at} />, wide: true },
          { label: t('batches.encoding'), value: b.encoding },
          { label: t('orders.failure'), value: b.failure_code && t(`payouts.failures.${b.failure_code}`, { defaultValue: b.failure_code }), wide: true },
          { label: t('batches.id'), value: <CopyText text={b.id} label={t('batches.id')} />, wide: true },
        ]}
      />
    </Section>
  );
}

/** The file's payouts, narrowed by state where one was chosen above. */
function Rows({ detail: { batch } }: { detail: BatchDetail }) {
  const { t } = useTranslation();
  const { search, filtered, clear } = useFilters();
  const query = usePayouts({ ...queryFrom(search), batch_id: batch.id });
  return (
    <Section title={t('batches.payouts')} extra={filtered && <Button size="small" onClick={clear}>{t('batches.showAll')}</Button>} flush>
      <ListBody<Payout>
        title={t('batches.payouts')}
        query={query}
        rowKey={(p) => p.id}
        rowLink={(p) => `/payouts/${p.id}`}
        card={(p) => <PayoutCard payout={p} />}
        empty={{ title: t('payouts.emptyFiltered') }}
        columns={[
          { title: t('batches.line'), key: 'row', width: 80, render: (_, p) => <span className="zg-figures">{p.batch_row}</span> },
          { title: t('batches.number'), key: 'number', width: 210, render: (_, p) => <Link to={`/payouts/${p.id}`} className="zg-mono">{p.merchant_payout_no}</Link> },
          { title: t('payouts.payee'), key: 'payee', render: (_, p) => <Payee value={p} /> },
          { title: t('payouts.amount'), key: 'amount', align: 'right', width: 150, render: (_, p) => <Amount fen={p.amount} /> },
          { title: t('common.status'), key: 'state', width: 184, render: (_, p) => <PayoutState value={p} /> },
        ]}
      />
    </Section>
  );
}
