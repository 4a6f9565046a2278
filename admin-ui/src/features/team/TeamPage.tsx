import { PlusOutlined } from '@ant-design/icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { App, Button, Modal, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BeijingTime } from '@/components/BeijingTime';
import { errorSentence } from '@/components/ErrorSentence';
import { ListPage } from '@/components/ListPage';
import { PermissionGate } from '@/components/PermissionGate';
import { StatusTag } from '@/components/StatusTag';
import { api, call, type Schemas } from '@/lib/api/client';
import { asApiError } from '@/lib/api/error';
import { useMay } from '@/lib/permissions';
import { useRefresh } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { InviteForm } from './InviteForm';
import { RolesForm } from './RolesForm';

type User = Schemas['User'];

export default function TeamPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const [dialog, setDialog] = useState<User | 'invite' | null>(null);
  const query = useQuery({ queryKey: ['users', tenantId], queryFn: () => call(() => api.GET('/v1/users')) });
  const columns: TableColumnsType<User> = [
    {
      title: t('team.name'),
      key: 'name',
      render: (_, u) => (
        <div className="zg-cell">
          <div>{u.name}</div>
          <div className="zg-muted zg-small">{u.email}</div>
        </div>
      ),
    },
    { title: t('team.role'), key: 'role', render: (_, u) => <RoleNames user={u} /> },
    { title: t('team.totp'), key: 'totp', render: (_, u) => (u.totp_enabled ? t('team.totpOn') : t('team.totpOff')) },
    { title: t('team.lastLogin'), key: 'login', render: (_, u) => <BeijingTime at={u.last_login_at} empty={t('team.neverLogin')} /> },
    { title: t('common.status'), key: 'status', render: (_, u) => <UserStatus user={u} /> },
    { title: <span className="zg-sr-only">{t('common.actions')}</span>, key: 'actions', align: 'right', render: (_, u) => <UserActions user={u} onRoles={() => setDialog(u)} /> },
  ];
  const title = tenantId ? t('nav.team') : t('team.platformTitle');
  return (
    <>
      <ListPage<User>
        title={title}
        lead={tenantId ? t('team.lead') : t('team.platformLead')}
        actions={
          <PermissionGate may="users:create">
            <Button type="primary" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setDialog('invite')}>{t('team.invite')}</Button>
          </PermissionGate>
        }
        query={query}
        rowKey={(u) => u.id}
        columns={columns}
        card={(u) => (
          <div>
            <span className="zg-spread"><span className="zg-strong">{u.name}</span><UserStatus user={u} /></span>
            <span className="zg-muted zg-small">{u.email}</span>
            <RoleNames user={u} />
            <UserActions user={u} onRoles={() => setDialog(u)} />
          </div>
        )}
        empty={{ title: t('team.empty'), hint: t('team.emptyHint') }}
      />
      <Modal open={dialog === 'invite'} title={t('team.invite')} footer={null} onCancel={() => setDialog(null)} mask={{ closable: false }} destroyOnHidden>
        <InviteForm onClose={() => setDialog(null)} />
      </Modal>
      <Modal open={dialog !== null && dialog !== 'invite'} title={t('team.changeRole')} footer={null} onCancel={() => setDialog(null)} destroyOnHidden>
        {dialog && dialog !== 'invite' && <RolesForm user={dialog} onClose={() => setDialog(null)} />}
      </Modal>
    </>
  );
}

function RoleNames({ user }: { user: User }) {
  const { t } = useTranslation();
  return <span>{user.roles.map((r) => t(`roles.${r.role}`)).join(', ') || t('common.none')}</span>;
}

function UserStatus({ user }: { user: User }) {
  const { t } = useTranslation();
  return <StatusTag tone={user.disabled ? 'over' : 'good'}>{user.disabled ? t('team.disabled') : t('team.active')}</StatusTag>;
}

function UserActions({ user, onRoles }: { user: User; onRoles: () => void }) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const may = useMay();
  const { me } = useSession();
  const refresh = useRefresh();
  const status = useMutation({
    mutationFn: () => call(() => api.POST('/v1/users/{user_id}/status', { params: { path: { user_id: user.id } }, body: { disabled: !user.disabled } })),
    onSuccess: () => refresh('users'),
    onError: (error) => void message.error(errorSentence(t, asApiError(error))),
  });
  if (!may('users:update') || me.user?.id === user.id) return null;
  const toggle = () => {
    if (user.disabled) return status.mutate();
    void modal.confirm({
      title: t('team.disableTitle', { name: user.name }),
      content: t('team.disableHint'),
      okText: t('team.disable'),
      cancelText: t('common.cancel'),
      okButtonProps: { danger: true },
      onOk: () => status.mutateAsync().catch(() => undefined),
    });
  };
  return (
    <span className="zg-row zg-row-end">
      <Button size="small" onClick={onRoles}>{t('team.changeRole')}</Button>
      <Button size="small" danger={!user.disabled} loading={status.isPending} onClick={toggle}>{user.disabled ? t('team.enable') : t('team.disable')}</Button>
    </span>
  );
}
