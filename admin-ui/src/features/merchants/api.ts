import { useMutation, useQuery } from '@tanstack/react-query';
import { api, call, forTenant, type Schemas } from '@/lib/api/client';
import type { paths } from '@/lib/api/schema.gen';
import { useMay } from '@/lib/permissions';
import { useRefresh } from '@/lib/queries';

type Query = NonNullable<paths['/v1/tenants']['get']['parameters']['query']>;

export function useTenants(query: Query) {
  return useQuery({
    queryKey: ['tenants', query],
    queryFn: () => call(() => api.GET('/v1/tenants', { params: { query } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: (before) => before,
  });
}

export function useSaveTenant(tenantId: string | undefined) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Schemas['TenantRequest']) =>
      call(() => (tenantId ? api.PUT('/v1/tenants/{tenant_id}', { params: { path: { tenant_id: tenantId } }, body, ...forTenant(tenantId) }) : api.POST('/v1/tenants', { body }))),
    onSuccess: () => refresh('tenant', 'tenants'),
  });
}

export function useTenantStatus(tenantId: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Schemas['TenantStatusRequest']) => call(() => api.POST('/v1/tenants/{tenant_id}/status', { params: { path: { tenant_id: tenantId } }, body, ...forTenant(tenantId) })),
    onSuccess: () => refresh('tenant', 'tenants'),
  });
}

export function useTenantUsers(tenantId: string | undefined) {
  const may = useMay();
  return useQuery({
    queryKey: ['users', tenantId],
    queryFn: () => call(() => api.GET('/v1/users', forTenant(tenantId))),
    select: (r) => r.items,
    enabled: Boolean(tenantId) && may('users:read'),
  });
}

export function useInviteOwner(tenantId: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ email, name }: { email: string; name: string }) =>
      call(() => api.POST('/v1/users', { body: { email, name, roles: [{ tenant_id: tenantId, role: 'tenant_owner' }] }, ...forTenant(tenantId) })),
    onSuccess: () => refresh('users'),
  });
}

/** A new link for somebody who was invited and never came. */
export function useRenewInvitation(tenantId: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (user: string) => call(() => api.POST('/v1/users/{user_id}/invitation', { params: { path: { user_id: user } }, ...forTenant(tenantId) })),
    onSuccess: () => refresh('users'),
  });
}

export type AccountBody = Schemas['AccountUpdateRequest'];
export type CredentialBody = Schemas['CredentialRequest'];

export function saveAccount(tenantId: string, accountId: string | undefined, provider: string, body: AccountBody) {
  const tenant = forTenant(tenantId);
  return call(() =>
    accountId
      ? api.PUT('/v1/accounts/{account_id}', { params: { path: { account_id: accountId } }, body, ...tenant })
      : api.POST('/v1/accounts', { body: { provider, ...body }, ...tenant }),
  );
}

export function saveCredentials(tenantId: string, accountId: string, credentials: CredentialBody[]) {
  return call(() => api.PUT('/v1/accounts/{account_id}/credentials', { params: { path: { account_id: accountId } }, body: { credentials }, ...forTenant(tenantId) }));
}

export function useTestAccount(tenantId: string, accountId: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => call(() => api.POST('/v1/accounts/{account_id}/test', { params: { path: { account_id: accountId } }, ...forTenant(tenantId) })),
    onSettled: () => refresh('accounts'),
  });
}

export function useAccountStatus(tenantId: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ accountId, status }: { accountId: string; status: Schemas['AccountStatus'] }) =>
      call(() => api.POST('/v1/accounts/{account_id}/status', { params: { path: { account_id: accountId } }, body: { status }, ...forTenant(tenantId) })),
    onSuccess: () => refresh('accounts'),
  });
}
