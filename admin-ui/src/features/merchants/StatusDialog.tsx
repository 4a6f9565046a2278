import { Form, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence } from '@/components/ErrorSentence';
import type { Tenant } from '@/lib/queries';
import { useTenantStatus } from './api';

/** Suspends a merchant or sets it live again, with a reason for the audit log. */
export function StatusDialog({ tenant, open, onClose }: { tenant: Tenant; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const status = useTenantStatus(tenant.id);
  const [reason, setReason] = useState('');
  const [checked, setChecked] = useState(false);
  const id = useId();
  const suspend = tenant.status === 'live';
  const missing = checked && !reason.trim();
  const close = () => {
    status.reset();
    setReason('');
    setChecked(false);
    onClose();
  };
  const submit = () => {
    setChecked(true);
    if (!reason.trim()) return;
    status.mutate({ status: suspend ? 'suspended' : 'live', reason: reason.trim() }, { onSuccess: close });
  };
  return (
    <Modal
      open={open}
      title={suspend ? t('merchants.suspendTitle') : t('merchants.resumeTitle')}
      okText={suspend ? t('merchants.suspend') : t('merchants.resume')}
      cancelText={t('common.cancel')}
      okButtonProps={{ danger: suspend }}
      confirmLoading={status.isPending}
      onOk={submit}
      onCancel={close}
      destroyOnHidden
    >
      <p className="zg-modal-lead">{suspend ? t('merchants.suspendHint') : t('merchants.resumeHint')}</p>
      <Form layout="vertical">
        <Form.Item label={t('refundDialog.reason')} htmlFor={id} validateStatus={missing ? 'error' : undefined} help={missing ? t('refundDialog.reasonRequired') : undefined}>
          <Input.TextArea id={id} rows={2} maxLength={500} value={reason} onChange={(e) => setReason(e.target.value)} />
        </Form.Item>
      </Form>
      {status.error && <ErrorSentence error={status.error} />}
    </Modal>
  );
}
