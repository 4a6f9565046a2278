import { useMutation } from '@tanstack/react-query';
import { Button, Form } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorSentence } from '@/components/ErrorSentence';
import { api, call, type Schemas } from '@/lib/api/client';
import { useRefresh } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { RoleFields } from './RoleFields';
import { binding, type Role } from './roles';

interface Values {
  role: Role;
  stores?: string[];
}

/** Gives a user another role here. Their sessions end, so it counts at once. */
export function RolesForm({ user, onClose }: { user: Schemas['User']; onClose: () => void }) {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const refresh = useRefresh();
  const present = user.roles.find((r) => (r.tenant_id ?? undefined) === tenantId) ?? user.roles[0];
  const save = useMutation({
    mutationFn: (v: Values) => call(() => api.PUT('/v1/users/{user_id}/roles', { params: { path: { user_id: user.id } }, body: { roles: [binding(v.role, tenantId, v.stores)] } })),
    onSuccess: async () => {
      await refresh('users');
      onClose();
    },
  });
  return (
    <Form<Values> layout="vertical" initialValues={{ role: present?.role, stores: present?.store_ids }} onFinish={(values) => !save.isPending && save.mutate(values)}>
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
