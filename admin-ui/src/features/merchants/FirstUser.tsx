import { Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { InviteLink } from '@/components/InviteLink';
import type { Schemas } from '@/lib/api/client';
import { useInviteOwner } from './api';

interface Person {
  name: string;
  email: string;
}

/** The merchant's owner, who signs in by a link that is shown once. */
export function FirstUser({ tenantId, users, onDone }: { tenantId: string; users: Schemas['User'][]; onDone: () => void }) {
  const { t } = useTranslation();
  const invite = useInviteOwner(tenantId);
  const problem = (field: string) => {
    const sentence = fieldError(t, invite.error, `/${field}`);
    return sentence ? { validateStatus: 'error' as const, help: sentence } : {};
  };
  if (invite.data) {
    return (
      <div className="zg-stack">
        <InviteLink name={invite.data.user.name} url={invite.data.invite_url} />
        <div>
          <Button type="primary" onClick={onDone} data-testid="onboard-next">
            {t('common.next')}
          </Button>
        </div>
      </div>
    );
  }
  const beside = ['name', 'email'].some((f) => fieldError(t, invite.error, `/${f}`));
  return (
    <Form<Person> layout="vertical" onFinish={(v) => !invite.isPending && invite.mutate({ name: v.name.trim(), email: v.email.trim() })} data-testid="first-user-form">
      {users.length > 0 && <p className="zg-once zg-modal-lead">{t('onboard.usersAlready', { names: users.map((u) => u.name).join(', ') })}</p>}
      <Form.Item name="name" label={t('team.name')} rules={[{ required: users.length === 0, whitespace: true, message: t('signin.nameRequired') }]} {...problem('name')}>
        <Input maxLength={100} autoComplete="off" />
      </Form.Item>
      <Form.Item name="email" label={t('signin.email')} rules={[{ required: users.length === 0, message: t('signin.emailRequired') }]} {...problem('email')}>
        <Input type="email" maxLength={254} autoComplete="off" />
      </Form.Item>
      {invite.error && !beside && (
        <Form.Item>
          <ErrorSentence error={invite.error} />
        </Form.Item>
      )}
      <div className="zg-actions">
        <Button type="primary" htmlType="submit" loading={invite.isPending}>
          {t('team.invite')}
        </Button>
        {users.length > 0 && <Button onClick={onDone}>{t('common.next')}</Button>}
      </div>
    </Form>
  );
}
