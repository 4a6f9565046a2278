import { Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useStores } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { type Role, useRoleOptions } from './roles';

/** The role and, for a cashier, the stores. Must stand inside a Form with the fields role and stores. */
export function RoleFields() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const options = useRoleOptions();
  const stores = useStores(tenantId).data ?? [];
  const role = Form.useWatch<Role | undefined>('role');
  return (
    <>
      <Form.Item name="role" label={t('team.role')} extra={options.find((o) => o.value === role)?.description} rules={[{ required: true, message: t('team.roleRequired') }]}>
        <Select options={options} />
      </Form.Item>
      {role === 'tenant_cashier' && stores.length > 0 && (
        <Form.Item name="stores" label={t('team.stores')} extra={t('team.storesHint')}>
          <Select mode="multiple" allowClear options={stores.map((s) => ({ value: s.id, label: s.name }))} />
        </Form.Item>
      )}
    </>
  );
}
