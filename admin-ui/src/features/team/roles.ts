import { useTranslation } from 'react-i18next';
import type { Schemas } from '@/lib/api/client';
import { useRoles } from '@/lib/queries';
import { inLanguage } from '@/lib/schema';
import { useSession } from '@/lib/session';

export type Role = Schemas['Role'];

interface RoleOption {
  value: Role;
  label: string;
  description: string;
  permissions: Schemas['Permission'][];
}

/** The roles that can be given here, with what each is for. */
export function useRoleOptions(): RoleOption[] {
  const { t, i18n } = useTranslation();
  const { tenantId } = useSession();
  return (useRoles().data ?? [])
    .filter((r) => r.platform === !tenantId)
    .map((r) => ({ value: r.role, label: t(`roles.${r.role}`), description: inLanguage(r.description, i18n.language), permissions: r.permissions }));
}

/** A role as the API wants it: at the merchant, or on the platform when none is chosen. */
export function binding(role: Role, tenantId: string | undefined, storeIds: string[] | undefined): Schemas['RoleBindingRequest'] {
  const bound = role === 'tenant_cashier' && storeIds?.length ? { store_ids: storeIds } : {};
  return { role, ...(tenantId ? { tenant_id: tenantId } : {}), ...bound };
}
