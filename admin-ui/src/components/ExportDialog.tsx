import { App, Button, Form, Modal, Radio, Skeleton } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Schemas } from '@/lib/api/client';
import type { Choice } from '@/lib/columns';
import { choicesOf, type ExportKind, filterOf, useCreateExport, useExportColumns } from '@/lib/exports';
import { useSubmissionKey } from '@/lib/idempotency';
import { inLanguage } from '@/lib/schema';
import { ColumnChoices } from './ColumnChoices';
import { ErrorSentence } from './ErrorSentence';

export interface ExportDialogProps {
  kind: ExportKind;
  /** The query of the list as it stands, which the file obeys. */
  query: Record<string, unknown>;
  /** The columns that the list shows, in its order, by the names that the file gives them; all when it says nothing of them. */
  shown?: string[];
  onClose: () => void;
}

/** Asks which columns, in which order and form a list is written to a file. */
export default function ExportDialog({ kind, query, shown, onClose }: ExportDialogProps) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  return (
    <Modal open title={t('exports.titleOf', { what: t(`exports.kinds.${kind}`) })} footer={null} onCancel={() => !busy && onClose()} mask={{ closable: false }}>
      <ExportForm kind={kind} query={query} shown={shown} onClose={onClose} setBusy={setBusy} />
    </Modal>
  );
}

function ExportForm({ kind, query, shown, onClose, setBusy }: ExportDialogProps & { setBusy: (busy: boolean) => void }) {
  const columns = useExportColumns(kind);
  if (columns.error) return <ErrorSentence error={columns.error} onRetry={() => void columns.refetch()} />;
  if (!columns.data) return <div aria-busy="true"><Skeleton active /></div>;
  return <Chooser kind={kind} query={query} shown={shown} columns={columns.data} onClose={onClose} setBusy={setBusy} />;
}

function Chooser({ kind, query, shown, columns, onClose, setBusy }: ExportDialogProps & { columns: Schemas['ExportColumn'][]; setBusy: (busy: boolean) => void }) {
  const { t, i18n } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const create = useCreateExport();
  const submission = useSubmissionKey();
  const [format, setFormat] = useState<Schemas['ExportFormat']>('xlsx');
  const [choices, setChoices] = useState<Choice[]>(() => choicesOf(columns.map((c) => c.name), shown ?? []));
  const wanted = choices.filter((c) => c.on).map((c) => c.name);
  const label = (name: string) => inLanguage(columns.find((c) => c.name === name)?.label, i18n.language) || name;
  const filter = filterOf(query);
  const narrowed = Object.keys(filter).length;
  const submit = () => {
    if (create.isPending || wanted.length === 0) return;
    const content: Schemas['ExportRequest'] = { kind, format, filter, columns: wanted, language: i18n.language === 'en' ? 'en' : 'zh' };
    setBusy(true);
    create.mutate(
      { content, key: submission.keyFor(content) },
      {
        onSuccess: () => {
          submission.done();
          void message.info(t('exports.asked'));
          onClose();
          void navigate('/exports');
        },
        onSettled: () => setBusy(false),
      },
    );
  };
  return (
    <Form layout="vertical" requiredMark={false} onFinish={submit} data-testid="export-form">
      <p className="zg-once zg-modal-lead">{t(narrowed > 0 ? 'exports.obeys' : 'exports.everything', { count: narrowed })}</p>
      <Form.Item label={t('exports.format')}>
        <Radio.Group aria-label={t('exports.format')} value={format} onChange={(e) => setFormat(e.target.value as Schemas['ExportFormat'])} options={(['xlsx', 'csv'] as const).map((f) => ({ value: f, label: t(`exports.formats.${f}`) }))} vertical />
      </Form.Item>
      <Form.Item label={t('exports.columns')} validateStatus={wanted.length === 0 ? 'error' : undefined} help={wanted.length === 0 ? t('exports.noColumns') : undefined}>
        <ColumnChoices title={t('exports.columns')} choices={choices} label={label} onChange={setChoices} />
      </Form.Item>
      {create.error && <Form.Item><ErrorSentence error={create.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose} disabled={create.isPending}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={create.isPending}>{t('exports.export')}</Button>
      </div>
    </Form>
  );
}
