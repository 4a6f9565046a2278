import { Button, Form } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorSentence } from '@/components/ErrorSentence';
import { useSession } from '@/lib/session';
import { type User, useSetRoles } from './api';
import { RoleFields } from './RoleFields';
import { binding, type Role } from './roles';

interface Values {
  role: Role;
  stores?: string[];
}

/** Gives a user another role here. Their sessions end, so it counts at once. */
export function RolesForm({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const present = user.roles.find((r) => (r.tenant_id ?? undefined) === tenantId) ?? user.roles[0];
  const save = useSetRoles(user);
  const submit = ({ role, stores }: Values) => save.mutate([binding(role, tenantId, stores)], { onSuccess: onClose });
  return (
    <Form<Values> layout="vertical" initialValues={{ role: present?.role, stores: present?.store_ids }} onFinish={(values) => !save.isPending && submit(values)}>
      <p className="zg-muted zg-modal-lead">{t('team.changeRoleHint', { name: user.name })}</p>
      <RoleFields />
      {save.error && <Form.Item><ErrorSentence error={save.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={save.isPending}>{t('common.save')}</Button>
      </div>
    </Form>
  );
}
