import { Button, Form, Input } from 'antd';
import type { TFunction } from 'i18next';
import { useEffect, useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { asApiError } from '@/lib/api/error';
import { isCode, secondsToWait, useConfirmPayment, useResendCode, useResendRule } from '@/lib/nextAction';
import { useMay } from '@/lib/permissions';
import type { Payment } from '@/lib/queries';
import { ErrorSentence, errorDetail, fieldError } from './ErrorSentence';

/** Takes the code the payer received, and has another sent. */
export function EnterCode({ payment, autoFocus }: { payment: Payment; autoFocus: boolean }) {
  const { t } = useTranslation();
  const may = useMay();
  return (
    <>
      <p>{t('nextStep.code')}</p>
      {may('payments:create') ? <CodeForm payment={payment} autoFocus={autoFocus} /> : <p className="zg-muted">{t('nextStep.codeNotYours')}</p>}
    </>
  );
}

function CodeForm({ payment, autoFocus }: { payment: Payment; autoFocus: boolean }) {
  const { t } = useTranslation();
  const confirm = useConfirmPayment(payment);
  const resend = useResendCode(payment);
  const rule = useResendRule(payment);
  const [wait, setWait] = useCountdown();
  const [code, setCode] = useState('');
  const [checked, setChecked] = useState(false);
  const id = useId();

  const type = (text: string) => {
    setCode(text.replaceAll(/\s/g, ''));
    setChecked(false);
    if (confirm.error) confirm.reset();
    if (resend.error) resend.reset();
  };
  const submit = () => {
    setChecked(true);
    if (confirm.isPending || !isCode(code)) return;
    resend.reset();
    confirm.mutate(code);
  };
  const again = () => {
    setChecked(false);
    confirm.reset();
    resend.mutate(undefined, {
      onSuccess: () => {
        setCode('');
        setWait(rule.seconds);
      },
      onError: (error) => setWait(secondsToWait(error)),
    });
  };

  const tooEarly = asApiError(resend.error).code === 'too_early';
  const beside = (checked && !isCode(code) && t('nextStep.codeForm')) || refusal(t, confirm.error, t('nextStep.codeRefused')) || refusal(t, resend.error, t('nextStep.resendRefused')) || (tooEarly && wait > 0 && t('errors.too_early', { seconds: wait }));
  // What concerns neither the code nor its sending has a place of its own.
  const elsewhere = beside ? undefined : (confirm.error ?? (tooEarly ? undefined : resend.error));
  return (
    <Form layout="vertical" requiredMark={false} onFinish={submit} className="zg-next-form" data-testid="code-form">
      <Form.Item label={t('nextStep.codeLabel')} htmlFor={id} validateStatus={beside ? 'error' : undefined} help={beside || undefined}>
        <Input id={id} value={code} onChange={(e) => type(e.target.value)} inputMode="numeric" autoComplete="off" maxLength={12} autoFocus={autoFocus} aria-invalid={Boolean(beside)} />
      </Form.Item>
      {Boolean(elsewhere) && (
        <Form.Item>
          <ErrorSentence error={elsewhere} />
        </Form.Item>
      )}
      <div className="zg-actions">
        <Button type="primary" htmlType="submit" loading={confirm.isPending} data-testid="code-submit">
          {t('nextStep.codeSubmit')}
        </Button>
        {rule.offered && (
          <Button onClick={again} loading={resend.isPending} disabled={wait > 0 || confirm.isPending} data-testid="code-resend">
            {wait > 0 ? t('nextStep.resendIn', { seconds: wait }) : t('nextStep.resend')}
          </Button>
        )}
      </div>
      <p role="status" className={resend.isSuccess ? 'zg-muted' : 'zg-sr-only'}>
        {resend.isSuccess ? t('nextStep.resent') : ''}
      </p>
    </Form>
  );
}

/** A refusal that belongs beside the field: the provider's, or that of the code itself. */
function refusal(t: TFunction, error: unknown, sentence: string): ReactNode {
  if (!error) return undefined;
  const e = asApiError(error);
  if (e.code !== 'provider_refused') return fieldError(t, error, '/code');
  return (
    <>
      {sentence}
      <div>{errorDetail(e)}</div>
    </>
  );
}

/** Seconds that count themselves down. */
function useCountdown(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}
