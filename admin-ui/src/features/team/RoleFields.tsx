import { Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useStores } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { RoleMeaning } from './RoleMeaning';
import { type Role, useRoleOptions } from './roles';

/** The role and, for a cashier, the stores. Must stand inside a Form with the fields role and stores. */
export function RoleFields() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const options = useRoleOptions();
  const stores = useStores(tenantId).data ?? [];
  const role = Form.useWatch<Role | undefined>('role');
  const chosen = options.find((o) => o.value === role);
  return (
    <>
      <Form.Item name="role" label={t('team.role')} extra={chosen?.description} rules={[{ required: true, message: t('team.roleRequired') }]}>
        <Select options={options.map(({ value, label }) => ({ value, label }))} />
      </Form.Item>
      {chosen && (
        <details className="zg-details zg-modal-lead">
          <summary>{t('access.mayOf', { role: chosen.label })}</summary>
          <div className="zg-folded"><RoleMeaning permissions={chosen.permissions} /></div>
        </details>
      )}
      {role === 'tenant_cashier' && stores.length > 0 && (
        <Form.Item name="stores" label={t('team.stores')} extra={t('team.storesHint')}>
          <Select mode="multiple" allowClear options={stores.map((s) => ({ value: s.id, label: s.name }))} />
        </Form.Item>
      )}
    </>
  );
}
