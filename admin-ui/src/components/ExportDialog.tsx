import { ArrowDownOutlined, ArrowUpOutlined } from '@ant-design/icons';
import { App, Button, Checkbox, Form, Modal, Radio, Skeleton } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Schemas } from '@/lib/api/client';
import { type Choice, choicesOf, chosenColumns, type ExportKind, filterOf, keepColumns, moved, useCreateExport, useExportColumns } from '@/lib/exports';
import { useSubmissionKey } from '@/lib/idempotency';
import { inLanguage } from '@/lib/schema';
import { ErrorSentence } from './ErrorSentence';

interface Props {
  kind: ExportKind;
  /** The query of the list as it stands, which the file obeys. */
  query: Record<string, unknown>;
  onClose: () => void;
}

/** Asks which columns, in which order and form a list is written to a file. */
export default function ExportDialog({ kind, query, onClose }: Props) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  return (
    <Modal open title={t('exports.titleOf', { what: t(`exports.kinds.${kind}`) })} footer={null} onCancel={() => !busy && onClose()} mask={{ closable: false }}>
      <ExportForm kind={kind} query={query} onClose={onClose} setBusy={setBusy} />
    </Modal>
  );
}

function ExportForm({ kind, query, onClose, setBusy }: Props & { setBusy: (busy: boolean) => void }) {
  const columns = useExportColumns(kind);
  if (columns.error) return <ErrorSentence error={columns.error} onRetry={() => void columns.refetch()} />;
  if (!columns.data) return <div aria-busy="true"><Skeleton active /></div>;
  return <Chooser kind={kind} query={query} columns={columns.data} onClose={onClose} setBusy={setBusy} />;
}

function Chooser({ kind, query, columns, onClose, setBusy }: Props & { columns: Schemas['ExportColumn'][]; setBusy: (busy: boolean) => void }) {
  const { t, i18n } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const create = useCreateExport();
  const submission = useSubmissionKey();
  const [format, setFormat] = useState<Schemas['ExportFormat']>('xlsx');
  const [choices, setChoices] = useState<Choice[]>(() => choicesOf(columns.map((c) => c.name), chosenColumns(kind)));
  const wanted = choices.filter((c) => c.on).map((c) => c.name);
  const filter = filterOf(query);
  const narrowed = Object.keys(filter).length;
  const submit = () => {
    if (create.isPending || wanted.length === 0) return;
    const content: Schemas['ExportRequest'] = { kind, format, filter, columns: wanted, language: i18n.language === 'en' ? 'en' : 'zh' };
    keepColumns(kind, wanted);
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
        <Columns columns={columns} choices={choices} onChange={setChoices} />
      </Form.Item>
      {create.error && <Form.Item><ErrorSentence error={create.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose} disabled={create.isPending}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={create.isPending}>{t('exports.export')}</Button>
      </div>
    </Form>
  );
}

/** Which columns, and in which order. */
function Columns({ columns, choices, onChange }: { columns: Schemas['ExportColumn'][]; choices: Choice[]; onChange: (choices: Choice[]) => void }) {
  const { t, i18n } = useTranslation();
  const label = (name: string) => inLanguage(columns.find((c) => c.name === name)?.label, i18n.language) || name;
  const all = choices.every((c) => c.on);
  return (
    <>
      <Checkbox checked={all} indeterminate={!all && choices.some((c) => c.on)} onChange={(e) => onChange(choices.map((c) => ({ ...c, on: e.target.checked })))}>{t('exports.all')}</Checkbox>
      <ul className="zg-columns-list" aria-label={t('exports.columns')}>
        {choices.map((c, i) => (
          <li key={c.name} className="zg-spread">
            <Checkbox checked={c.on} onChange={(e) => onChange(choices.map((o) => (o.name === c.name ? { ...o, on: e.target.checked } : o)))}>{label(c.name)}</Checkbox>
            <span>
              <Button type="text" size="small" disabled={i === 0} icon={<ArrowUpOutlined aria-hidden="true" />} aria-label={t('exports.up', { column: label(c.name) })} onClick={() => onChange(moved(choices, c.name, -1))} />
              <Button type="text" size="small" disabled={i === choices.length - 1} icon={<ArrowDownOutlined aria-hidden="true" />} aria-label={t('exports.down', { column: label(c.name) })} onClick={() => onChange(moved(choices, c.name, 1))} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
