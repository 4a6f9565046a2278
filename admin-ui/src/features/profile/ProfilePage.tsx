import { useMutation, useQuery } from '@tanstack/react-query';
import { App, Button, Form, Input, Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { BeijingTime } from '@/components/BeijingTime';
import { ErrorSentence, errorSentence, fieldError } from '@/components/ErrorSentence';
import { Facts } from '@/components/Facts';
import { ListBody } from '@/components/ListPage';
import { PageHead } from '@/components/PageHead';
import { Section } from '@/components/Section';
import { StatusTag } from '@/components/StatusTag';
import { languageNames } from '@/i18n/languages';
import { api, call, type Schemas } from '@/lib/api/client';
import { asApiError } from '@/lib/api/error';
import { type Language, setPreferences, type ThemeChoice, usePreferences } from '@/lib/preferences';
import { useRefresh } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { OneTimeCodes } from './OneTimeCodes';

export default function ProfilePage() {
  const { t } = useTranslation();
  const { me } = useSession();
  return (
    <div className="zg-page zg-narrow">
      <PageHead title={t('nav.profile')} />
      <Section title={t('profile.you')}>
        <Facts
          facts={[
            { label: t('team.name'), value: me.user?.name },
            { label: t('signin.email'), value: me.user?.email },
            { label: t('team.role'), value: me.user?.roles.map((r) => [t(`roles.${r.role}`), r.tenant_name].filter(Boolean).join(' · ')).join(', ') },
          ]}
        />
      </Section>
      <Looks />
      <Password />
      <OneTimeCodes />
      <Sessions />
    </div>
  );
}

function Looks() {
  const { t } = useTranslation();
  const { language, theme } = usePreferences();
  const themes: { value: ThemeChoice; label: string }[] = [
    { value: 'light', label: t('top.themeLight') },
    { value: 'dark', label: t('top.themeDark') },
    { value: 'system', label: t('top.themeSystem') },
  ];
  return (
    <Section title={t('profile.looks')}>
      <div className="zg-row zg-row-wide">
        <Segmented
          aria-label={t('top.language')}
          value={language}
          options={Object.entries(languageNames).map(([value, label]) => ({ value, label }))}
          onChange={(value) => setPreferences({ language: value as Language })}
        />
        <Segmented aria-label={t('top.theme')} value={theme} options={themes} onChange={(value) => setPreferences({ theme: value as ThemeChoice })} />
      </div>
    </Section>
  );
}

interface PasswordValues {
  old: string;
  fresh: string;
  again: string;
}

function Password() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const refresh = useRefresh();
  const [form] = Form.useForm<PasswordValues>();
  const change = useMutation({
    mutationFn: (v: PasswordValues) => call(() => api.PUT('/v1/session/password', { body: { old_password: v.old, new_password: v.fresh } })),
    onSuccess: () => {
      form.resetFields();
      void message.success(t('profile.passwordChanged'));
      return refresh('sessions');
    },
  });
  const problem = (field: string) => {
    const sentence = fieldError(t, change.error, `/${field}`);
    return sentence ? { validateStatus: 'error' as const, help: sentence } : {};
  };
  const beside = ['old_password', 'new_password'].some((f) => fieldError(t, change.error, `/${f}`));
  return (
    <Section title={t('profile.password')}>
      <p className="zg-muted zg-modal-lead">{t('profile.passwordHint')}</p>
      <Form<PasswordValues> form={form} layout="vertical" className="zg-form-narrow" onFinish={(v) => !change.isPending && change.mutate(v)} requiredMark={false}>
        {/* Password managers want to know whose password it is. */}
        <input type="text" autoComplete="username" hidden readOnly value={useSession().me.user?.email ?? ''} />
        <Form.Item name="old" label={t('profile.oldPassword')} rules={[{ required: true, message: t('signin.passwordRequired') }]} {...problem('old_password')}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item name="fresh" label={t('signin.newPassword')} extra={t('signin.passwordHint')} rules={[{ required: true, message: t('signin.passwordRequired') }]} {...problem('new_password')}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name="again"
          label={t('signin.again')}
          dependencies={['fresh']}
          rules={[({ getFieldValue }) => ({ validator: (_, v) => (v === getFieldValue('fresh') ? Promise.resolve() : Promise.reject(new Error(t('signin.notSame')))) })]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        {change.error && !beside && <Form.Item><ErrorSentence error={change.error} /></Form.Item>}
        <Button htmlType="submit" loading={change.isPending}>{t('profile.changePassword')}</Button>
      </Form>
    </Section>
  );
}

type Session = Schemas['Session'];

function Sessions() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ['sessions'], queryFn: () => call(() => api.GET('/v1/sessions')) });
  return (
    <Section title={t('profile.sessions')} flush>
      <ListBody<Session>
        title={t('profile.sessions')}
        query={query}
        rowKey={(s) => s.id}
        columns={[
          { title: t('profile.browser'), key: 'agent', render: (_, s) => <Browser session={s} /> },
          { title: t('profile.address'), key: 'ip', render: (_, s) => <span className="zg-mono">{s.ip}</span> },
          { title: t('profile.seen'), key: 'seen', render: (_, s) => <BeijingTime at={s.seen_at} /> },
          { title: <span className="zg-sr-only">{t('common.actions')}</span>, key: 'actions', align: 'right', render: (_, s) => <End session={s} /> },
        ]}
        card={(s) => (
          <div>
            <Browser session={s} />
            <span className="zg-muted zg-small"><BeijingTime at={s.seen_at} /> · {s.ip}</span>
            <End session={s} />
          </div>
        )}
        empty={{ title: t('profile.noSessions') }}
      />
    </Section>
  );
}

function Browser({ session }: { session: Session }) {
  const { t } = useTranslation();
  return (
    <span className="zg-row">
      <span title={session.user_agent}>{shortAgent(session.user_agent)}</span>
      {session.current && <StatusTag tone="good">{t('profile.thisBrowser')}</StatusTag>}
    </span>
  );
}

/** Firefox 130 of a user agent as browsers send it; the whole text where it is none of the known. */
function shortAgent(agent: string): string {
  const match = /(Edg|OPR|Firefox|Chrome|Version)\/(\d+)/.exec(agent);
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', Version: 'Safari' };
  return match ? `${names[match[1]!] ?? match[1]} ${match[2]}` : agent.slice(0, 60);
}

function End({ session }: { session: Session }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const refresh = useRefresh();
  const end = useMutation({
    mutationFn: () => call(() => api.DELETE('/v1/sessions/{session_id}', { params: { path: { session_id: session.id } } })),
    onSuccess: () => refresh('sessions'),
    onError: (error) => void message.error(errorSentence(t, asApiError(error))),
  });
  if (session.current) return null;
  return <Button size="small" loading={end.isPending} onClick={() => end.mutate()}>{t('profile.endSession')}</Button>;
}
