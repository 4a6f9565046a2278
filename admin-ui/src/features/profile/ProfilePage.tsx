import { useMutation } from '@tanstack/react-query';
import { App, Button, Form, Input, Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { Facts } from '@/components/Facts';
import { PageHead } from '@/components/PageHead';
import { Section } from '@/components/Section';
import { languageNames } from '@/i18n/languages';
import { api, call } from '@/lib/api/client';
import { type Language, setPreferences, type ThemeChoice, usePreferences } from '@/lib/preferences';
import { useRefresh } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { OneTimeCodes } from './OneTimeCodes';
import { Sessions } from './Sessions';

export default function ProfilePage() {
  const { t } = useTranslation();
  const { me } = useSession();
  return (
    <div className="zg-page zg-narrow">
      <PageHead title={t('nav.profile')} />
      <Section title={t('profile.you')}>
        <Name key={me.user?.name} />
        <Facts
          facts={[
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

function Name() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { me, reload } = useSession();
  const refresh = useRefresh();
  const save = useMutation({
    mutationFn: (name: string) => call(() => api.PUT('/v1/session/profile', { body: { name } })),
    onSuccess: async () => {
      await Promise.all([reload(), refresh('users', 'actors')]);
      void message.success(t('profile.saved'));
    },
  });
  const wrong = fieldError(t, save.error, '/name');
  return (
    <Form<{ name: string }> layout="vertical" className="zg-form-narrow" initialValues={{ name: me.user?.name }} onFinish={({ name }) => !save.isPending && save.mutate(name.trim())} requiredMark={false}>
      <Form.Item name="name" label={t('team.name')} extra={t('profile.nameHint')} rules={[{ required: true, whitespace: true, message: t('signin.nameRequired') }]} {...(wrong ? { validateStatus: 'error' as const, help: wrong } : {})}>
        <Input maxLength={100} autoComplete="name" />
      </Form.Item>
      {save.error && !wrong && <Form.Item><ErrorSentence error={save.error} /></Form.Item>}
      <Form.Item>
        <Button htmlType="submit" loading={save.isPending}>{t('common.save')}</Button>
      </Form.Item>
    </Form>
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
