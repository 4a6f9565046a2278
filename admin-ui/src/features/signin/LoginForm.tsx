import { Button, Input } from 'antd';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence } from '@/components/ErrorSentence';
import { Field } from '@/components/Field';
import { api, callOnce, type Me, setCSRF } from '@/lib/api/client';
import { asApiError, type ApiError } from '@/lib/api/error';

/** E-mail and password, and the one-time code once the server asks for it. */
export function LoginForm({ email: fixed, onDone }: { email?: string; onDone: (me: Me) => void }) {
  const { t } = useTranslation();
  const [values, setValues] = useState({ email: fixed ?? '', password: '', code: '' });
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const [checked, setChecked] = useState(false);
  const [wantsCode, setWantsCode] = useState(false);
  const missing = (value: string, sentence: string) => (checked && value.trim() === '' ? t(sentence) : undefined);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    const { email, password, code } = values;
    if (busy || !email.trim() || !password || (wantsCode && !code.trim())) return;
    setBusy(true);
    setError(null);
    try {
      const body = { email: email.trim(), password, ...(code ? { code: code.replaceAll(' ', '') } : {}) };
      const started = await callOnce(() => api.POST('/v1/session', { body }));
      setCSRF(started.me.csrf_token);
      onDone(started.me);
    } catch (thrown) {
      const refused = asApiError(thrown);
      setChecked(false);
      if (refused.code === 'totp_required' && !wantsCode) setWantsCode(true);
      else setError(refused);
      setBusy(false);
    }
  };

  return (
    <form className="zg-form" onSubmit={(event) => void submit(event)} noValidate data-testid="login-form">
      <Field id="email" label={t('signin.email')} error={missing(values.email, 'signin.emailRequired')}>
        {(field) => (
          <Input {...field} size="large" type="email" autoComplete="username" autoFocus={!fixed} readOnly={Boolean(fixed)} maxLength={254} value={values.email} onChange={(e) => setValues({ ...values, email: e.target.value })} />
        )}
      </Field>
      <Field id="password" label={t('signin.password')} error={missing(values.password, 'signin.passwordRequired')}>
        {(field) => <Input.Password {...field} size="large" autoComplete="current-password" autoFocus={Boolean(fixed)} value={values.password} onChange={(e) => setValues({ ...values, password: e.target.value })} />}
      </Field>
      {wantsCode && (
        <Field id="code" label={t('signin.code')} hint={t('signin.codeHint')} error={missing(values.code, 'signin.codeRequired')}>
          {(field) => <Input {...field} size="large" autoFocus inputMode="numeric" autoComplete="one-time-code" maxLength={32} value={values.code} onChange={(e) => setValues({ ...values, code: e.target.value })} />}
        </Field>
      )}
      {error && <ErrorSentence error={error} />}
      <Button type="primary" size="large" htmlType="submit" block loading={busy}>
        {t('signin.submit')}
      </Button>
    </form>
  );
}
