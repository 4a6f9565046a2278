import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence } from '@/components/ErrorSentence';
import { api, callOnce } from '@/lib/api/client';
import { asApiError, type ApiError } from '@/lib/api/error';

interface StepUpValues {
  secret: string;
}

/** Confirms who sits here: six digits are a one-time code, anything else is the password. */
export function StepUpForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async ({ secret }: StepUpValues) => {
    setBusy(true);
    setError(null);
    try {
      const body = /^\d{6}$/.test(secret) ? { code: secret } : { password: secret };
      await callOnce(() => api.POST('/v1/session/step-up', { body }));
      onDone();
    } catch (thrown) {
      setError(asApiError(thrown));
      setBusy(false);
    }
  };

  return (
    <Form<StepUpValues> layout="vertical" requiredMark={false} onFinish={(values) => void submit(values)} data-testid="step-up-form">
      <Form.Item name="secret" label={t('signin.stepUpField')} rules={[{ required: true, message: t('signin.passwordRequired') }]}>
        <Input.Password autoFocus autoComplete="current-password" />
      </Form.Item>
      {error && (
        <Form.Item>
          <ErrorSentence error={error} />
        </Form.Item>
      )}
      <Button type="primary" htmlType="submit" block loading={busy}>
        {t('common.confirm')}
      </Button>
    </Form>
  );
}
