import { Form, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence } from '@/components/ErrorSentence';
import { type Case, useClose } from './api';

/** Ends a case that was dealt with, with a note of how. */
export function CloseDialog({ value, open, onClose }: { value: Case; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const close = useClose(value);
  const [note, setNote] = useState('');
  const [checked, setChecked] = useState(false);
  const id = useId();
  const missing = checked && note.trim() === '';
  const leave = () => {
    close.reset();
    onClose();
  };
  const submit = () => {
    setChecked(true);
    if (note.trim() !== '') close.mutate(note.trim(), { onSuccess: leave });
  };
  return (
    <Modal open={open} title={t('cases.closeTitle')} okText={t('cases.close')} cancelText={t('common.cancel')} confirmLoading={close.isPending} onCancel={leave} onOk={submit} destroyOnHidden>
      <Form layout="vertical">
        <Form.Item label={t('cases.closeNote')} htmlFor={id} validateStatus={missing ? 'error' : undefined} help={missing ? t('cases.needed') : undefined}>
          <Input.TextArea id={id} rows={2} value={note} onChange={(e) => setNote(e.target.value)} maxLength={200} showCount aria-invalid={missing} />
        </Form.Item>
      </Form>
      {close.error && <ErrorSentence error={close.error} />}
    </Modal>
  );
}
