import { App, Button, Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { Actor } from '@/components/Actor';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { DetailPage } from '@/components/DetailPage';
import { errorSentence } from '@/components/ErrorSentence';
import { Facts } from '@/components/Facts';
import { Section } from '@/components/Section';
import { asApiError } from '@/lib/api/error';
import { useMay } from '@/lib/permissions';
import { useAccounts, useNames } from '@/lib/queries';
import { type ImportDetail, useCancel, useErrorsFile, useImport } from './api';
import { ImportStatus } from './ImportStatus';
import { RowErrors } from './RowErrors';

/** One file that was brought: taken in whole, or what is wrong with it. */
export default function ImportPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useImport(id);
  return (
    <DetailPage
      title={query.data?.import.file_name ?? t('billImport.one')}
      back={{ to: '/bill-imports', label: t('billImport.title') }}
      query={query}
      status={(d) => <ImportStatus value={d.import.state} />}
      actions={(d) => <Actions detail={d} />}
    >
      {(d) => (
        <div className="zg-columns">
          <div className="zg-stack">
            <Standing detail={d} />
            {d.errors.length > 0 && <Errors detail={d} />}
          </div>
          <Particulars detail={d} />
        </div>
      )}
    </DetailPage>
  );
}

function Actions({ detail: { import: i } }: { detail: ImportDetail }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const may = useMay();
  const cancel = useCancel(i);
  const open = i.state === 'receiving' || i.state === 'reading';
  const again = `/bill-imports/new?account=${i.account_id}&day=${i.day}`;
  return (
    <>
      {open && may('bills:import') && <Button loading={cancel.isPending} onClick={() => cancel.mutate(undefined, { onError: (error) => void message.error(errorSentence(t, asApiError(error))) })}>{t('billImport.cancel')}</Button>}
      {(i.state === 'invalid' || i.state === 'canceled') && may('bills:import') && <Link to={again}>{t('billImport.again')}</Link>}
    </>
  );
}

/** What came of it, in words: never half a bill. */
function Standing({ detail: { import: i } }: { detail: ImportDetail }) {
  const { t } = useTranslation();
  const what = i.state === 'done' && i.unchanged ? 'unchanged' : i.state;
  return (
    <div className="zg-card zg-card-pad zg-stack-tight" role="note" data-testid="import-standing" data-state={what}>
      <p className="zg-strong">{t(`billImport.standing.${what}`, { count: i.error_count })}</p>
      {i.state === 'receiving' && <Progress percent={i.chunks > 0 ? Math.floor((i.received * 100) / i.chunks) : 0} aria-label={t('billImport.sending')} />}
      {i.state !== 'receiving' && <p>{t('billImport.rowsRead', { rows: i.rows.toLocaleString('en-US'), skipped: i.skipped.toLocaleString('en-US') })}</p>}
      {i.restarts > 0 && <p className="zg-tone-waiting">{t('billImport.restarts', { count: i.restarts })}</p>}
      {i.state === 'done' && (
        <p className="zg-row">
          {i.bill_id && <Link to={`/bills/${i.bill_id}`}>{t('reconciliation.readLines')}</Link>}
          <Link to={`/reconciliation?to=${i.day}`}>{t('nav.reconciliation')}</Link>
        </p>
      )}
    </div>
  );
}

function Errors({ detail: { import: i, errors } }: { detail: ImportDetail }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const file = useErrorsFile(i);
  return (
    <Section
      title={t('billImport.errors')}
      flush
      extra={<Button loading={file.isPending} onClick={() => file.mutate(undefined, { onError: (error) => void message.error(errorSentence(t, asApiError(error))) })}>{t('billImport.errorsFile')}</Button>}
    >
      <RowErrors errors={errors} />
      {i.error_count > errors.length && <p className="zg-muted zg-small zg-shift-times">{t('billImport.moreErrors', { shown: errors.length, count: i.error_count })}</p>}
    </Section>
  );
}

function Particulars({ detail: { import: i, mapping_name } }: { detail: ImportDetail }) {
  const { t } = useTranslation();
  const names = useNames();
  const account = useAccounts(i.tenant_id).data?.find((a) => a.id === i.account_id);
  return (
    <Section title={t('billImport.particulars')}>
      <Facts
        facts={[
          { label: t('callbacks.account'), value: account?.name ?? i.account_id.slice(-6) },
          { label: t('orders.provider'), value: names.provider(i.provider) },
          { label: t('reconciliation.day'), value: <span className="zg-figures">{i.day}</span> },
          { label: t('billImport.mapping'), value: mapping_name },
          { label: t('billImport.encoding'), value: i.encoding },
          { label: t('billImport.size'), value: <span className="zg-figures">{i.bytes.toLocaleString('en-US')}</span> },
          i.expected_count !== undefined && { label: t('billImport.expectedCount'), value: i.expected_count },
          i.expected_amount !== undefined && { label: t('billImport.expectedAmount'), value: <Amount fen={i.expected_amount} /> },
          { label: t('billImport.by'), value: <Actor actor={i.created_by} tenant={i.tenant_id} /> },
          { label: t('common.createdAt'), value: <BeijingTime at={i.created_at} />, wide: true },
          i.finished_at ? { label: t('billImport.finishedAt'), value: <BeijingTime at={i.finished_at} />, wide: true } : undefined,
        ]}
      />
    </Section>
  );
}
