import { MoreOutlined } from '@ant-design/icons';
import { App, Button, Dropdown, type MenuProps } from 'antd';
import { useTranslation } from 'react-i18next';
import { errorDetail, errorSentence } from '@/components/ErrorSentence';
import { asApiError } from '@/lib/api/error';
import { comingOf } from '@/lib/invitation';
import { useNow } from '@/lib/now';
import { useMay } from '@/lib/permissions';
import { useSession } from '@/lib/session';
import { type User, useRenewInvitation, useRevokeInvitation, useSetRoles, useUserStatus } from './api';

interface UserActionsProps {
  user: User;
  onRoles: () => void;
  onLink: (url: string) => void;
}

/** What may be done with somebody: the role, being shut out, and the invitation of who has not come. */
export function UserActions({ user, onRoles, onLink }: UserActionsProps) {
  const { t, i18n } = useTranslation();
  const { message, modal } = App.useApp();
  const may = useMay();
  const { me } = useSession();
  const coming = comingOf(user, useNow());
  const [status, roles, renew, revoke] = [useUserStatus(user), useSetRoles(user), useRenewInvitation(), useRevokeInvitation(user)];
  if (me.user?.id === user.id) return null;

  const refused = (thrown: unknown) => {
    const error = asApiError(thrown);
    void message.error([errorSentence(t, error), errorDetail(error, i18n.language)].filter(Boolean).join(' '));
  };
  const sure = (title: string, content: string, okText: string, done: string, act: () => Promise<unknown>) =>
    void modal.confirm({
      title, content, okText,
      cancelText: t('common.cancel'),
      okButtonProps: { danger: true },
      onOk: () => act().then(() => void message.success(done)).catch(refused),
    });
  const acts: Record<string, () => void> = {
    status: () =>
      user.disabled
        ? status.mutate(false, { onError: refused })
        : sure(t('team.disableTitle', { name: user.name }), t('team.disableHint'), t('team.disable'), t('team.disabled'), () => status.mutateAsync(true)),
    remove: () => sure(t('access.removeTitle', { name: user.name }), t('access.removeHint'), t('access.remove'), t('access.removed'), () => roles.mutateAsync([])),
    again: () => renew.mutate(user, { onSuccess: (reply) => onLink(reply.invite_url), onError: refused }),
    revoke: () => sure(t('access.revokeTitle', { name: user.name }), t('access.revokeHint'), t('access.revoke'), t('access.revoked'), () => revoke.mutateAsync()),
  };
  const update = may('users:update');
  const items: MenuProps['items'] = [
    ...(coming === 'invited' && may('users:create') ? [{ key: 'revoke', label: t('access.revoke') }] : []),
    ...(update && coming === 'came' ? [{ key: 'status', label: user.disabled ? t('team.enable') : t('team.disable'), danger: !user.disabled }] : []),
    ...(update ? [{ key: 'remove', label: t('access.remove'), danger: true }] : []),
  ];
  return (
    <span className="zg-row zg-row-end">
      {coming !== 'came' && !user.disabled && may('users:create') && <Button size="small" loading={renew.isPending} onClick={acts.again}>{t('access.again')}</Button>}
      {update && <Button size="small" onClick={onRoles}>{t('team.changeRole')}</Button>}
      {items.length > 0 && (
        <Dropdown menu={{ items, onClick: ({ key }) => acts[key]?.() }} trigger={['click']} placement="bottomRight">
          <Button size="small" icon={<MoreOutlined aria-hidden="true" />} aria-label={t('access.more', { name: user.name })} loading={status.isPending || roles.isPending} />
        </Dropdown>
      )}
    </span>
  );
}
