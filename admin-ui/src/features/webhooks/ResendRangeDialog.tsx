import { Button, Checkbox, Form, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence } from '@/components/ErrorSentence';
import { addDays, beijingDay, dayEnd, dayStart, isDay } from '@/lib/beijing';
import { useResendRange, type Webhook } from './api';

/** Sends the events of some days again, and says how many they are. */
export function ResendRangeDialog({ value, onClose }: { value: Webhook; onClose: () => void }) {
  const { t } = useTranslation();
  const resend = useResendRange(value.id);
  const [today] = useState(() => beijingDay(Date.now()));
  const [from, setFrom] = useState(() => addDays(today, -1));
  const [to, setTo] = useState(today);
  const [all, setAll] = useState(false);
  const ids = { from: useId(), to: useId() };
  const submit = () => {
    if (!resend.isPending && isDay(from) && isDay(to)) resend.mutate({ from: dayStart(from), to: dayEnd(to), all });
  };
  return (
    <Modal open title={t('webhooks.resendRange')} footer={null} onCancel={() => !resend.isPending && onClose()} mask={{ closable: false }}>
      {resend.data ? (
        <div className="zg-stack" data-testid="resend-result">
          <p role="status">{t('webhooks.resendCount', { count: resend.data.count })}</p>
          <div className="zg-actions zg-actions-end"><Button type="primary" onClick={onClose}>{t('common.done')}</Button></div>
        </div>
      ) : (
        <Form layout="vertical" requiredMark={false} onFinish={submit} data-testid="resend-form">
          <p className="zg-muted zg-modal-lead">{t('webhooks.resendHint')}</p>
          <div className="zg-pair">
            <Form.Item label={t('common.from')} htmlFor={ids.from}><Input id={ids.from} type="date" value={from} max={to} onChange={(e) => setFrom(e.target.value)} required /></Form.Item>
            <Form.Item label={t('common.to')} htmlFor={ids.to}><Input id={ids.to} type="date" value={to} min={from} onChange={(e) => setTo(e.target.value)} required /></Form.Item>
          </div>
          <Form.Item><Checkbox checked={all} onChange={(e) => setAll(e.target.checked)}>{t('webhooks.resendAll')}</Checkbox></Form.Item>
          {resend.error && <Form.Item><ErrorSentence error={resend.error} /></Form.Item>}
          <div className="zg-actions zg-actions-end">
            <Button onClick={onClose} disabled={resend.isPending}>{t('common.cancel')}</Button>
            <Button type="primary" htmlType="submit" loading={resend.isPending}>{t('webhooks.resend')}</Button>
          </div>
        </Form>
      )}
    </Modal>
  );
}
