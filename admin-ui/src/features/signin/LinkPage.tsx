import { Button, Form, Input } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { api, callOnce } from '@/lib/api/client';
import { asApiError, type ApiError } from '@/lib/api/error';
import { storeTenant } from '@/lib/session';
import { Welcome } from './Welcome';

interface LinkValues {
  email?: string;
  name?: string;
  password?: string;
  again?: string;
}

type Wanted = 'nothing' | 'password' | 'administrator';

/**
 * Where a one-time link leads; the token stands behind #, where no server's log sees it. A login link signs in at once. Setup and
 * invite links want a password, which the server says by naming the missing field.
 */
export default function LinkPage() {
  const token = useToken();
  return <OneTimeLink key={token} token={token} />;
}

/** The token behind #. A newer link pasted over one that failed changes nothing else, and loads no page. */
function useToken(): string {
  const [token, setToken] = useState(() => window.location.hash.slice(1));
  useEffect(() => {
    const pasted = () => {
      const newer = window.location.hash.slice(1);
      if (newer) setToken(newer);
    };
    window.addEventListener('hashchange', pasted);
    return () => window.removeEventListener('hashchange', pasted);
  }, []);
  return token;
}

function OneTimeLink({ token }: { token: string }) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState<Wanted>('nothing');
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const tried = useRef(false);

  const send = async (values: LinkValues) => {
    setBusy(true);
    setError(null);
    try {
      const { email, name, password } = values;
      await callOnce(() => api.POST('/v1/session/link', { body: { token, ...(password ? { password } : {}), ...(email ? { email: email.trim() } : {}), ...(name ? { name } : {}) } }));
      storeTenant(undefined);
      window.location.assign('/');
    } catch (thrown) {
      const refused = asApiError(thrown);
      const next = wants(refused);
      setBusy(false);
      if (next && wanted === 'nothing') setWanted(next);
      else if (next === 'administrator' && wanted === 'password') setWanted(next);
      else setError(refused);
    }
  };

  useEffect(() => {
    if (tried.current || !token) return;
    tried.current = true;
    // The token leaves the address bar, and with it the browser's history.
    window.history.replaceState(null, '', '/link');
    void send({});
    // eslint-disable-next-line react-hooks/exhaustive-deps -- a one-time link is tried once
  }, []);

  if (!token || (error && wanted === 'nothing')) {
    return (
      <Welcome title={t('signin.linkFailedTitle')} lead={t('signin.linkFailedLead')}>
        {error && error.code !== 'login_failed' && <ErrorSentence error={error} onRetry={error.inDoubt ? () => void send({}) : undefined} />}
        <Link to="/login">{t('signin.toLogin')}</Link>
      </Welcome>
    );
  }
  if (wanted === 'nothing') return <Welcome title={t('signin.linkTitle')} lead={t('signin.linkLead')}>{null}</Welcome>;
  return <PasswordForm administrator={wanted === 'administrator'} error={error} busy={busy} onSubmit={(values) => void send(values)} />;
}

/** What the refusal of a bare token says that the link wants, if anything. */
function wants(error: ApiError): Wanted | undefined {
  if (error.code !== 'invalid_request') return undefined;
  if (error.param?.endsWith('email') || error.param?.endsWith('name')) return 'administrator';
  return error.param?.endsWith('password') ? 'password' : undefined;
}

function PasswordForm({ administrator, error, busy, onSubmit }: { administrator: boolean; error: ApiError | null; busy: boolean; onSubmit: (values: LinkValues) => void }) {
  const { t } = useTranslation();
  const problem = (field: string) => {
    const sentence = fieldError(t, error, `/${field}`) ?? fieldError(t, error, field);
    return sentence ? { validateStatus: 'error' as const, help: sentence } : {};
  };
  return (
    <Welcome title={administrator ? t('signin.setupTitle') : t('signin.inviteTitle')} lead={administrator ? t('signin.setupLead') : t('signin.inviteLead')}>
      <Form<LinkValues> layout="vertical" size="large" requiredMark={false} onFinish={onSubmit} data-testid="link-form">
        {administrator && (
          <>
            <Form.Item name="email" label={t('signin.email')} rules={[{ required: true, message: t('signin.emailRequired') }]} {...problem('email')}>
              <Input type="email" autoComplete="username" autoFocus maxLength={254} />
            </Form.Item>
            <Form.Item name="name" label={t('signin.name')} rules={[{ required: true, message: t('signin.nameRequired') }]} {...problem('name')}>
              <Input autoComplete="name" maxLength={100} />
            </Form.Item>
          </>
        )}
        <Form.Item name="password" label={t('signin.newPassword')} extra={t('signin.passwordHint')} rules={[{ required: true, message: t('signin.passwordRequired') }]} {...problem('password')}>
          <Input.Password autoComplete="new-password" autoFocus={!administrator} />
        </Form.Item>
        <Form.Item
          name="again"
          label={t('signin.again')}
          dependencies={['password']}
          rules={[
            ({ getFieldValue }) => ({
              validator: (_, value) => (value === getFieldValue('password') ? Promise.resolve() : Promise.reject(new Error(t('signin.notSame')))),
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        {error && (
          <Form.Item>
            <ErrorSentence error={error} />
          </Form.Item>
        )}
        <Button type="primary" htmlType="submit" block loading={busy}>
          {t('signin.setPassword')}
        </Button>
      </Form>
    </Welcome>
  );
}
