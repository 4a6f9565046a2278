import { Alert, App, Button, Form, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Amount } from '@/components/Amount';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { asApiError } from '@/lib/api/error';
import { type AmountProblem, fenToInput, formatFen, parseYuan } from '@/lib/money';
import { useSubmissionKey } from '@/lib/idempotency';
import type { Payment } from '@/lib/queries';
import { useCreateRefund, useNeededForRefund } from './api';

/** Gives money back: shows what is left and asks for a reason. */
export function RefundDialog({ payment, open, onClose }: { payment: Payment; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const busy = useState(false);
  return (
    <Modal open={open} title={t('refundDialog.title')} footer={null} onCancel={() => !busy[0] && onClose()} mask={{ closable: false }} destroyOnHidden data-testid="refund-dialog">
      <RefundForm payment={payment} onClose={onClose} setBusy={busy[1]} />
    </Modal>
  );
}

// What people say most; anything else can be typed.
const presets = ['returned', 'wrongAmount', 'twice', 'soldOut'] as const;

type Problem = AmountProblem | 'overRemaining';

function RefundForm({ payment, onClose, setBusy }: { payment: Payment; onClose: () => void; setBusy: (busy: boolean) => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const refund = useCreateRefund(payment);
  const submission = useSubmissionKey();
  const [amount, setAmount] = useState('');
  const [reason, setReason] = useState('');
  const [checked, setChecked] = useState(false);
  const amountId = useId();
  const reasonId = useId();

  const parsed = parseYuan(amount);
  // What may have been taken although no answer came is sent again as it was: what is left may be less by itself.
  const doubted = refund.error && asApiError(refund.error).inDoubt ? refund.variables?.content : undefined;
  const again = doubted !== undefined && doubted.amount === parsed.fen && doubted.reason === reason.trim();
  const problem: Problem | undefined = parsed.problem ?? (parsed.fen > payment.refundable && !again ? 'overRemaining' : undefined);
  const server = fieldError(t, refund.error, '/amount');
  const needed = useNeededForRefund(payment.tenant_id, parsed.fen ?? 0);
  const amountError = checked && problem ? t(`amount.${problem}`) : server;
  const reasonError = checked && reason.trim() === '' ? t('refundDialog.reasonRequired') : fieldError(t, refund.error, '/reason');

  const submit = () => {
    setChecked(true);
    if (refund.isPending || problem || parsed.fen === undefined || reason.trim() === '') return;
    const content = { amount: parsed.fen, reason: reason.trim() };
    setBusy(true);
    refund.mutate(
      { content, key: submission.keyFor(content) },
      {
        onSuccess: (made) => {
          submission.done();
          void message.info(
            made.state === 'pending_approval' ? t('secondPerson.made') : t('refundDialog.made', { state: made.unknown ? t('states.unknown') : t(`states.refund.${made.state}`) }),
          );
          onClose();
        },
        onSettled: () => setBusy(false),
      },
    );
  };

  return (
    <Form layout="vertical" onFinish={submit} requiredMark={false}>
      <div className="zg-once zg-spread zg-modal-lead">
        <span>{t('refundDialog.remaining')}</span>
        <span data-testid="refund-remaining"><Amount fen={payment.refundable} size="large" /></span>
      </div>
      <Form.Item label={t('refundDialog.amount')} htmlFor={amountId} validateStatus={amountError ? 'error' : undefined} help={amountError} extra={!problem && parsed.fen !== undefined ? t('refundDialog.after', { amount: formatFen(payment.refundable - parsed.fen) }) : undefined}>
        <Input
          id={amountId}
          autoFocus
          prefix="¥"
          inputMode="decimal"
          value={amount}
          onChange={(e) => setAmount(e.target.value)}
          maxLength={16}
          suffix={
            <Button type="link" size="small" onClick={() => setAmount(fenToInput(payment.refundable))}>
              {t('refundDialog.all')}
            </Button>
          }
        />
      </Form.Item>
      <Form.Item label={t('refundDialog.reason')} htmlFor={reasonId} validateStatus={reasonError ? 'error' : undefined} help={reasonError}>
        <div className="zg-chips" role="group" aria-label={t('refundDialog.common')}>
          {presets.map((preset) => (
            <button type="button" key={preset} aria-pressed={reason === t(`refundDialog.presets.${preset}`)} onClick={() => setReason(t(`refundDialog.presets.${preset}`))}>
              {t(`refundDialog.presets.${preset}`)}
            </button>
          ))}
        </div>
        <Input.TextArea id={reasonId} rows={2} value={reason} onChange={(e) => setReason(e.target.value)} maxLength={200} showCount />
      </Form.Item>
      {needed > 0 && !problem && (
        <Form.Item>
          <Alert type="warning" showIcon role="note" data-testid="refund-needs" title={t('secondPerson.beforehand', { count: needed })} />
        </Form.Item>
      )}
      {refund.error && !server && (
        <Form.Item>
          <ErrorSentence error={refund.error} />
        </Form.Item>
      )}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose} disabled={refund.isPending}>
          {t('common.cancel')}
        </Button>
        <Button type="primary" htmlType="submit" loading={refund.isPending}>
          {refund.error ? t('common.retry') : t(needed > 0 ? 'secondPerson.submit' : 'refundDialog.submit')}
        </Button>
      </div>
    </Form>
  );
}
