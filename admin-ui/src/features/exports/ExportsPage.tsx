import { DownloadOutlined } from '@ant-design/icons';
import { App, Button, Progress, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Actor } from '@/components/Actor';
import { Left } from '@/components/Ago';
import { BeijingTime } from '@/components/BeijingTime';
import { errorSentence } from '@/components/ErrorSentence';
import { ChoiceFilter, ClearFilters } from '@/components/Filters';
import { ListPage } from '@/components/ListPage';
import { StatusTag, type Tone } from '@/components/StatusTag';
import { asApiError } from '@/lib/api/error';
import { useMay } from '@/lib/permissions';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { type Export, exportStates, isOpen, useCancel, useDownload, useExports } from './api';

const tones: Record<Export['state'], Tone> = { queued: 'waiting', running: 'busy', ready: 'good', failed: 'bad', canceled: 'over', expired: 'over' };

/** Files that were asked for: how far they are, and the files themselves for as long as they are kept. */
export default function ExportsPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const { search } = useFilters();
  const query = useExports(search);
  return (
    <ListPage<Export>
      name="exports"
      title={t('nav.exports')}
      lead={t(tenantId ? 'exports.lead' : 'exports.leadPlatform')}
      filters={
        <>
          <ChoiceFilter name="state" label={t('orders.anyState')} multiple wide options={exportStates.map((s) => ({ value: s, label: t(`exports.states.${s}`) }))} />
          <ClearFilters />
        </>
      }
      query={query}
      rowKey={(e) => e.id}
      columns={useColumns()}
      card={(e) => <Card value={e} />}
      empty={{ title: t('exports.empty'), hint: t('exports.emptyHint') }}
      nothing={{ title: t('exports.emptyFiltered'), names: { state: { label: t('common.status'), value: (s) => t(`exports.states.${s}`, { defaultValue: s }) } } }}
    />
  );
}

function Status({ value: e }: { value: Export }) {
  const { t } = useTranslation();
  return <StatusTag tone={tones[e.state]} testId="export-status">{t(`exports.states.${e.state}`)}</StatusTag>;
}

/** How many rows are written, and whatever went otherwise than usual. */
function Standing({ value: e }: { value: Export }) {
  const { t } = useTranslation();
  const percent = e.total > 0 ? Math.min(100, Math.floor((e.rows * 100) / e.total)) : 0;
  return (
    <div className="zg-cell">
      {e.state === 'running' && <Progress percent={percent} size="small" status="active" aria-label={t('exports.progress')} />}
      {e.state !== 'queued' && <div className="zg-figures zg-small">{t(isOpen(e) ? 'exports.rowsOf' : 'exports.rows', { rows: e.rows.toLocaleString('en-US'), total: e.total.toLocaleString('en-US') })}{e.state === 'ready' && ` · ${sizeOf(e.bytes)}`}</div>}
      {e.restarts > 0 && <div className="zg-tone-waiting zg-small">{t('exports.restarts', { count: e.restarts })}</div>}
      {e.reason && <div className="zg-tone-bad zg-small">{t(`exports.reasons.${e.reason}`, { defaultValue: e.reason })}</div>}
      {e.state === 'ready' && e.expires_at && <div className="zg-muted zg-small"><Left until={e.expires_at} /></div>}
    </div>
  );
}

/** The size of a file in the unit that fits. */
function sizeOf(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1_000))} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function Actions({ value: e }: { value: Export }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const may = useMay();
  const cancel = useCancel(e);
  const download = useDownload(e);
  const failed = (error: unknown) => void message.error(errorSentence(t, asApiError(error)));
  return (
    <span className="zg-row zg-row-end">
      {e.state === 'ready' && <Button type="primary" icon={<DownloadOutlined aria-hidden="true" />} loading={download.isPending} onClick={() => download.mutate(undefined, { onError: failed })}>{t('exports.download')}</Button>}
      {isOpen(e) && may('exports:cancel') && <Button loading={cancel.isPending} onClick={() => cancel.mutate(undefined, { onError: failed })}>{t('exports.cancel')}</Button>}
    </span>
  );
}

function What({ value: e }: { value: Export }) {
  const { t } = useTranslation();
  const narrowed = Object.keys(e.filter).length;
  return (
    <div className="zg-cell">
      <div><span className="zg-strong">{t(`exports.kinds.${e.kind}`)}</span> {t(`exports.short.${e.format}`)}</div>
      <div className="zg-muted zg-small">{t(narrowed > 0 ? 'exports.narrowed' : 'exports.whole', { count: narrowed })} · {t('exports.columnCount', { count: e.columns.length })}</div>
      <div className="zg-mono zg-muted zg-small">{e.file_name}</div>
    </div>
  );
}

function useColumns(): TableColumnsType<Export> {
  const { t } = useTranslation();
  return [
    { title: t('exports.what'), key: 'what', render: (_, e) => <What value={e} /> },
    {
      title: t('exports.askedAt'),
      key: 'asked',
      width: 190,
      render: (_, e) => (
        <div className="zg-cell">
          <BeijingTime at={e.created_at} />
          <div className="zg-muted zg-small"><Actor actor={e.created_by} tenant={e.tenant_id} /></div>
        </div>
      ),
    },
    { title: t('common.status'), key: 'state', width: 140, render: (_, e) => <Status value={e} /> },
    { title: t('exports.progress'), key: 'progress', width: 230, render: (_, e) => <Standing value={e} /> },
    { title: t('common.actions'), key: 'actions', width: 140, align: 'right', render: (_, e) => <Actions value={e} /> },
  ];
}

function Card({ value: e }: { value: Export }) {
  return (
    <div>
      <span className="zg-spread"><What value={e} /><Status value={e} /></span>
      <Standing value={e} />
      <span className="zg-spread"><span className="zg-muted zg-small"><BeijingTime at={e.created_at} /></span><Actions value={e} /></span>
    </div>
  );
}
