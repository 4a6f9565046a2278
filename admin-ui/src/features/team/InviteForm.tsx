import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { InviteLink } from '@/components/InviteLink';
import { api, call } from '@/lib/api/client';
import { useRefresh } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { RoleFields } from './RoleFields';
import { binding, type Role } from './roles';

interface Values {
  name: string;
  email: string;
  role: Role;
  stores?: string[];
}

export function InviteForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const refresh = useRefresh();
  const invite = useMutation({
    mutationFn: (v: Values) => call(() => api.POST('/v1/users', { body: { name: v.name.trim(), email: v.email.trim(), roles: [binding(v.role, tenantId, v.stores)] } })),
    onSuccess: () => refresh('users'),
  });
  const problem = (field: string) => {
    const sentence = fieldError(t, invite.error, `/${field}`);
    return sentence ? { validateStatus: 'error' as const, help: sentence } : {};
  };
  if (invite.data) {
    return (
      <div className="zg-stack">
        <InviteLink name={invite.data.user.name} url={invite.data.invite_url} />
        <div className="zg-actions zg-actions-end">
          <Button type="primary" onClick={onClose}>{t('common.done')}</Button>
        </div>
      </div>
    );
  }
  const beside = ['name', 'email'].some((f) => fieldError(t, invite.error, `/${f}`));
  return (
    <Form<Values> layout="vertical" onFinish={(values) => !invite.isPending && invite.mutate(values)} data-testid="invite-form">
      <Form.Item name="name" label={t('team.name')} rules={[{ required: true, whitespace: true, message: t('signin.nameRequired') }]} {...problem('name')}>
        <Input maxLength={100} autoFocus autoComplete="off" />
      </Form.Item>
      <Form.Item name="email" label={t('signin.email')} extra={t('team.emailHint')} rules={[{ required: true, message: t('signin.emailRequired') }]} {...problem('email')}>
        <Input type="email" maxLength={254} autoComplete="off" />
      </Form.Item>
      <RoleFields />
      {invite.error && !beside && <Form.Item><ErrorSentence error={invite.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={invite.isPending}>{t('team.invite')}</Button>
      </div>
    </Form>
  );
}
