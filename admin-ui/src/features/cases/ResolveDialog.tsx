import { Alert, App, Button, Form, Input, Modal, Radio } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Amount } from '@/components/Amount';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import type { Schemas } from '@/lib/api/client';
import { type CaseDetail, useResolve } from './api';

/** Settles an order in doubt: the outcome, the number of what proves it, and a note; then a second person decides. */
export function ResolveDialog({ detail, open, onClose }: { detail: CaseDetail; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const busy = useState(false);
  return (
    <Modal open={open} title={t('cases.resolveTitle')} footer={null} onCancel={() => !busy[0] && onClose()} mask={{ closable: false }} destroyOnHidden>
      <ResolveForm detail={detail} onClose={onClose} setBusy={busy[1]} />
    </Modal>
  );
}

function ResolveForm({ detail: d, onClose, setBusy }: { detail: CaseDetail; onClose: () => void; setBusy: (busy: boolean) => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const resolve = useResolve(d.case);
  const [outcome, setOutcome] = useState<Schemas['ResolutionOutcome'] | ''>('');
  const [evidence, setEvidence] = useState('');
  const [note, setNote] = useState('');
  const [checked, setChecked] = useState(false);
  const evidenceId = useId();
  const noteId = useId();
  const order = d.refund ?? d.payment;
  const needed = (text: string) => (checked && text.trim() === '' ? t('cases.needed') : undefined);
  const evidenceError = needed(evidence) ?? fieldError(t, resolve.error, '/evidence_no');
  const noteError = needed(note) ?? fieldError(t, resolve.error, '/note');
  const submit = () => {
    setChecked(true);
    if (resolve.isPending || !outcome || evidence.trim() === '' || note.trim() === '') return;
    setBusy(true);
    resolve.mutate(
      { outcome, evidence_no: evidence.trim(), note: note.trim() },
      {
        onSuccess: () => {
          void message.info(t('cases.resolveAsked'));
          onClose();
        },
        onSettled: () => setBusy(false),
      },
    );
  };
  return (
    <Form layout="vertical" requiredMark={false} onFinish={submit} data-testid="resolve-form">
      {order && (
        <div className="zg-once zg-spread zg-modal-lead">
          <span>{t(`cases.kinds.${d.case.kind}`)}</span>
          <Amount fen={order.amount} size="large" />
        </div>
      )}
      <Form.Item>
        <Alert type="warning" showIcon role="note" title={t('cases.resolveHint')} />
      </Form.Item>
      <Form.Item label={t('cases.outcome')} validateStatus={checked && !outcome ? 'error' : undefined} help={checked && !outcome ? t('cases.needed') : undefined}>
        <Radio.Group aria-label={t('cases.outcome')} value={outcome} onChange={(e) => setOutcome(e.target.value as Schemas['ResolutionOutcome'])} options={(['succeeded', 'failed'] as const).map((o) => ({ value: o, label: t(`cases.outcomes.${o}`) }))} vertical />
      </Form.Item>
      <Form.Item label={t('cases.evidenceNo')} htmlFor={evidenceId} extra={t('cases.evidenceHint')} validateStatus={evidenceError ? 'error' : undefined} help={evidenceError}>
        <Input id={evidenceId} value={evidence} onChange={(e) => setEvidence(e.target.value)} maxLength={64} aria-invalid={Boolean(evidenceError)} />
      </Form.Item>
      <Form.Item label={t('cases.note')} htmlFor={noteId} validateStatus={noteError ? 'error' : undefined} help={noteError}>
        <Input.TextArea id={noteId} rows={2} value={note} onChange={(e) => setNote(e.target.value)} maxLength={200} showCount aria-invalid={Boolean(noteError)} />
      </Form.Item>
      {resolve.error && <Form.Item><ErrorSentence error={resolve.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose} disabled={resolve.isPending}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={resolve.isPending}>{t('secondPerson.submit')}</Button>
      </div>
    </Form>
  );
}
