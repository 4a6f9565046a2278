import { PlusOutlined } from '@ant-design/icons';
import { Button, Modal, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useActorName } from '@/components/Actor';
import { BeijingTime } from '@/components/BeijingTime';
import { InviteLink } from '@/components/InviteLink';
import { ListPage } from '@/components/ListPage';
import { PermissionGate } from '@/components/PermissionGate';
import { StatusTag, type Tone } from '@/components/StatusTag';
import { type Coming, comingOf } from '@/lib/invitation';
import { useNow } from '@/lib/now';
import { useSession } from '@/lib/session';
import { type User, useTeam } from './api';
import { InviteForm } from './InviteForm';
import { RolesForm } from './RolesForm';
import { RolesGuide } from './RolesGuide';
import { UserActions } from './UserActions';

type Dialog = { kind: 'invite' } | { kind: 'roles'; user: User } | { kind: 'link'; user: User; url: string };

/** Who may use the console here, with which role, and who was invited. */
export default function TeamPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const query = useTeam(tenantId);
  const close = () => setDialog(null);
  const actions = (user: User) => <UserActions user={user} onRoles={() => setDialog({ kind: 'roles', user })} onLink={(url) => setDialog({ kind: 'link', user, url })} />;
  const columns: TableColumnsType<User> = [
    {
      title: t('team.name'),
      key: 'name',
      render: (_, u) => (
        <div className="zg-cell zg-named">
          <div className="zg-break">{u.name}</div>
          <div className="zg-muted zg-small zg-break">{u.email}</div>
        </div>
      ),
    },
    { title: t('team.role'), key: 'role', width: 150, render: (_, u) => <RoleNames user={u} /> },
    { title: t('team.totp'), key: 'totp', width: 90, render: (_, u) => (u.totp_enabled ? t('team.totpOn') : t('team.totpOff')) },
    { title: t('team.lastLogin'), key: 'login', width: 180, render: (_, u) => <BeijingTime at={u.last_login_at} empty={t('team.neverLogin')} /> },
    {
      title: t('common.status'),
      key: 'status',
      render: (_, u) => (
        <div className="zg-cell">
          <div><UserStatus user={u} /></div>
          <Invited user={u} />
        </div>
      ),
    },
    { title: <span className="zg-sr-only">{t('common.actions')}</span>, key: 'actions', align: 'right', render: (_, u) => actions(u) },
  ];
  return (
    <>
      <ListPage<User>
        name="team"
        title={tenantId ? t('nav.team') : t('team.platformTitle')}
        lead={tenantId ? t('team.lead') : t('team.platformLead')}
        actions={
          <>
            <RolesGuide />
            <PermissionGate may="users:create">
              <Button type="primary" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setDialog({ kind: 'invite' })}>{t('team.invite')}</Button>
            </PermissionGate>
          </>
        }
        query={query}
        rowKey={(u) => u.id}
        columns={columns}
        card={(u) => (
          <div>
            <span className="zg-spread"><span className="zg-strong zg-break">{u.name}</span><UserStatus user={u} /></span>
            <span className="zg-muted zg-small zg-break">{u.email}</span>
            <RoleNames user={u} />
            <Invited user={u} />
            {actions(u)}
          </div>
        )}
        empty={{ title: t('team.empty'), hint: t('team.emptyHint') }}
      />
      <Modal open={dialog?.kind === 'invite'} title={t('team.invite')} footer={null} onCancel={close} mask={{ closable: false }} destroyOnHidden>
        <InviteForm onClose={close} />
      </Modal>
      <Modal open={dialog?.kind === 'roles'} title={t('team.changeRole')} footer={null} onCancel={close} destroyOnHidden>
        {dialog?.kind === 'roles' && <RolesForm user={dialog.user} onClose={close} />}
      </Modal>
      <Modal open={dialog?.kind === 'link'} title={t('access.again')} footer={null} onCancel={close} mask={{ closable: false }} destroyOnHidden>
        {dialog?.kind === 'link' && (
          <div className="zg-stack">
            <p className="zg-muted">{t('access.againHint')}</p>
            <InviteLink name={dialog.user.name} url={dialog.url} />
            <div className="zg-actions zg-actions-end"><Button type="primary" onClick={close}>{t('common.done')}</Button></div>
          </div>
        )}
      </Modal>
    </>
  );
}

function RoleNames({ user }: { user: User }) {
  const { t } = useTranslation();
  return <span>{user.roles.map((r) => t(`roles.${r.role}`)).join(', ') || t('common.none')}</span>;
}

const tones: Record<Coming, Tone> = { came: 'good', invited: 'waiting', expired: 'over', revoked: 'over' };
const words: Record<Coming, string> = { came: 'team.active', invited: 'access.invited', expired: 'access.inviteExpired', revoked: 'access.inviteRevoked' };

function UserStatus({ user }: { user: User }) {
  const { t } = useTranslation();
  const coming = comingOf(user, useNow());
  if (user.disabled) return <StatusTag tone="over">{t('team.disabled')}</StatusTag>;
  return <StatusTag tone={tones[coming]} testId="user-status">{t(words[coming])}</StatusTag>;
}

/** By whom somebody was invited, and until when the link works. */
function Invited({ user }: { user: User }) {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const name = useActorName(tenantId);
  const coming = comingOf(user, useNow());
  if (!user.invitation || coming === 'revoked') return null;
  const at = coming === 'came' ? user.invitation.accepted_at : user.invitation.expires_at;
  return (
    <div className="zg-muted zg-small">
      {t('access.invitedBy')} {name(user.invitation.by)}
      {at && <> · {coming === 'came' ? t('access.acceptedAt') : t('access.inviteUntil')} <BeijingTime at={at} /></>}
    </div>
  );
}
