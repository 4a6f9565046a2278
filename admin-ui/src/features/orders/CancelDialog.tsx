import { Form, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence } from '@/components/ErrorSentence';
import type { Payment } from '@/lib/queries';
import { useCancelPayment } from './api';

/** Asks the provider to take an unfinished payment back. */
export function CancelDialog({ payment, open, onClose }: { payment: Payment; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const cancel = useCancelPayment(payment);
  const [reason, setReason] = useState('');
  const id = useId();
  const close = () => {
    cancel.reset();
    onClose();
  };
  return (
    <Modal
      open={open}
      title={t('orders.cancelTitle')}
      okText={t('orders.cancel')}
      cancelText={t('common.close')}
      okButtonProps={{ danger: true }}
      confirmLoading={cancel.isPending}
      onCancel={close}
      onOk={() => cancel.mutate(reason.trim(), { onSuccess: close })}
      destroyOnHidden
    >
      <p className="zg-modal-lead">{t('orders.cancelHint')}</p>
      <Form layout="vertical">
        <Form.Item label={t('orders.reasonOptional')} htmlFor={id}>
          <Input id={id} value={reason} onChange={(e) => setReason(e.target.value)} maxLength={200} />
        </Form.Item>
      </Form>
      {cancel.error && <ErrorSentence error={cancel.error} />}
    </Modal>
  );
}
