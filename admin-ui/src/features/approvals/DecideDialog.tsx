import { App, Button, Form, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Amount } from '@/components/Amount';
import { ErrorSentence } from '@/components/ErrorSentence';
import { type Approval, useDecide } from './api';

/** Agrees to a request, or refuses it with a reason. */
export function DecideDialog({ approval, agree, open, onClose }: { approval: Approval; agree: boolean; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const busy = useState(false);
  return (
    <Modal open={open} title={t(agree ? 'approvals.agreeTitle' : 'approvals.rejectTitle')} footer={null} onCancel={() => !busy[0] && onClose()} mask={{ closable: false }} destroyOnHidden>
      <DecideForm approval={approval} agree={agree} onClose={onClose} setBusy={busy[1]} />
    </Modal>
  );
}

function DecideForm({ approval, agree, onClose, setBusy }: { approval: Approval; agree: boolean; onClose: () => void; setBusy: (busy: boolean) => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const decide = useDecide();
  const [note, setNote] = useState('');
  const [checked, setChecked] = useState(false);
  const missing = !agree && note.trim() === '';
  const submit = () => {
    setChecked(true);
    if (missing || decide.isPending) return;
    setBusy(true);
    decide.mutate(
      { approval, agree, note: note.trim() },
      {
        onSuccess: (a) => {
          void message.info(t('approvals.decided', { state: t(`states.approval.${a.state}`) }));
          onClose();
        },
        onSettled: () => setBusy(false),
      },
    );
  };
  return (
    <Form layout="vertical" requiredMark={false} onFinish={submit} data-testid="decide-form">
      <div className="zg-once zg-spread zg-modal-lead">
        <span>{t(`approvals.kinds.${approval.kind}`)}</span>
        <Amount fen={approval.amount} size="large" />
      </div>
      <NoteField value={note} onChange={setNote} agree={agree} missing={checked && missing} />
      {decide.error && <Form.Item><ErrorSentence error={decide.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose} disabled={decide.isPending}>{t('common.cancel')}</Button>
        <Button type="primary" danger={!agree} htmlType="submit" loading={decide.isPending}>{t(agree ? 'approvals.agree' : 'approvals.reject')}</Button>
      </div>
    </Form>
  );
}

/** The note that stands in the record; a refusal needs one. */
export function NoteField({ value, onChange, agree, missing }: { value: string; onChange: (value: string) => void; agree: boolean; missing: boolean }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <Form.Item label={t(agree ? 'approvals.noteOptional' : 'approvals.noteNeeded')} htmlFor={id} validateStatus={missing ? 'error' : undefined} help={missing ? t('approvals.noteMissing') : undefined}>
      <Input.TextArea id={id} rows={2} autoFocus value={value} onChange={(e) => onChange(e.target.value)} maxLength={200} showCount aria-invalid={missing} />
    </Form.Item>
  );
}
