import { Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { InviteLink } from '@/components/InviteLink';
import { StatusTag } from '@/components/StatusTag';
import type { Schemas } from '@/lib/api/client';
import { comingOf } from '@/lib/invitation';
import { useNow } from '@/lib/now';
import { useInviteOwner, useRenewInvitation } from './api';

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
  // One owner is enough to begin with, and invites the others.
  if (users.length > 0) return <Invited tenantId={tenantId} users={users} onDone={onDone} />;
  return (
    <Form<Person> layout="vertical" onFinish={(v) => !invite.isPending && invite.mutate({ name: v.name.trim(), email: v.email.trim() })} data-testid="first-user-form">
      <Form.Item name="name" label={t('team.name')} rules={[{ required: true, whitespace: true, message: t('signin.nameRequired') }]} {...problem('name')}>
        <Input maxLength={100} autoComplete="off" />
      </Form.Item>
      <Form.Item name="email" label={t('signin.email')} extra={t('team.emailHint')} rules={[{ required: true, type: 'email', message: t('signin.emailRequired') }]} {...problem('email')}>
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
      </div>
    </Form>
  );
}

/** Who was invited already. A link that was lost or has expired is replaced. */
function Invited({ tenantId, users, onDone }: { tenantId: string; users: Schemas['User'][]; onDone: () => void }) {
  const { t } = useTranslation();
  const now = useNow();
  const renew = useRenewInvitation(tenantId);
  return (
    <div className="zg-stack">
      <ul className="zg-stack-tight">
        {users.map((u) => {
          const coming = comingOf(u, now);
          return (
            <li key={u.id} className="zg-once zg-spread zg-wrap">
              <span className="zg-break">
                {u.name} <span className="zg-muted">{u.email}</span>
              </span>
              <span className="zg-row">
                <StatusTag tone={coming === 'came' ? 'good' : 'waiting'}>{t(`onboard.coming.${coming}`)}</StatusTag>
                {coming !== 'came' && <Button size="small" loading={renew.isPending} onClick={() => renew.mutate(u.id)}>{t('onboard.linkAgain')}</Button>}
              </span>
            </li>
          );
        })}
      </ul>
      {renew.data && <InviteLink name={renew.data.user.name} url={renew.data.invite_url} />}
      {renew.error && <ErrorSentence error={renew.error} />}
      <div>
        <Button type="primary" onClick={onDone} data-testid="onboard-next">{t('common.next')}</Button>
      </div>
    </div>
  );
}
