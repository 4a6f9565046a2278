import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, forTenant, type Schemas } from './api/client';
import { type Permission, useMay } from './permissions';
import { inLanguage } from './schema';

/** Things that several features show: stores, accounts, plugins and their names. */

function useAllowed(permission: Permission, wanted = true): boolean {
  return useMay()(permission) && wanted;
}

export function useProviders() {
  const enabled = useAllowed('plugins:read');
  return useQuery({ queryKey: ['providers'], queryFn: () => call(() => api.GET('/v1/providers')), select: (r) => r.items, staleTime: 30_000, enabled });
}

export function useStores(tenantId: string | undefined) {
  const enabled = useAllowed('stores:read', Boolean(tenantId));
  return useQuery({ queryKey: ['stores', tenantId], queryFn: () => call(() => api.GET('/v1/stores', forTenant(tenantId))), select: (r) => r.items, enabled, staleTime: 30_000 });
}

export function useTerminals(tenantId: string | undefined) {
  const enabled = useAllowed('stores:read', Boolean(tenantId));
  return useQuery({ queryKey: ['terminals', tenantId], queryFn: () => call(() => api.GET('/v1/terminals', forTenant(tenantId))), select: (r) => r.items, enabled, staleTime: 30_000 });
}

export function useAccounts(tenantId: string | undefined) {
  const enabled = useAllowed('accounts:read', Boolean(tenantId));
  return useQuery({ queryKey: ['accounts', tenantId], queryFn: () => call(() => api.GET('/v1/accounts', forTenant(tenantId))), select: (r) => r.items, enabled });
}

export function useTenant(tenantId: string | undefined) {
  const enabled = useAllowed('tenants:read', Boolean(tenantId));
  return useQuery({
    queryKey: ['tenant', tenantId],
    queryFn: () => call(() => api.GET('/v1/tenants/{tenant_id}', { params: { path: { tenant_id: tenantId! } }, ...forTenant(tenantId) })),
    enabled,
  });
}

export function useRoles() {
  return useQuery({ queryKey: ['roles'], queryFn: () => call(() => api.GET('/v1/roles')), select: (r) => r.items, staleTime: Infinity });
}

/** Who the people and API keys in a merchant's records are, or in the platform's own. */
export function useActors(tenantId: string | undefined) {
  const enabled = useAllowed('actors:read');
  return useQuery({ queryKey: ['actors', tenantId], queryFn: () => call(() => api.GET('/v1/actors', forTenant(tenantId))), select: (r) => r.items, staleTime: 300_000, enabled });
}

/** From which amount on how many people must agree, in one merchant. */
export function useApprovalTiers(tenantId: string | undefined) {
  const enabled = useAllowed('approvals:read', Boolean(tenantId));
  return useQuery({ queryKey: ['approval-tiers', tenantId], queryFn: () => call(() => api.GET('/v1/approval-tiers', forTenant(tenantId))), select: (r) => r.tiers, enabled });
}

/** What providers, methods, channels and roles are called, from manifests; the id where no manifest says. */
export function useNames() {
  const { i18n } = useTranslation();
  const providers = useProviders().data ?? [];
  const manifest = (provider: string) => providers.find((p) => p.id === provider)?.manifest;
  const methodOf = (provider: string, method: string) => manifest(provider)?.products.flatMap((p) => p.methods).find((m) => m.method === method);
  return {
    provider: (id: string) => inLanguage(manifest(id)?.name, i18n.language) || id,
    method: (provider: string, method: string) => inLanguage(methodOf(provider, method)?.name, i18n.language) || method,
    channel: (provider: string, method: string, channel: string) => {
      const all = manifest(provider)?.products.flatMap((p) => p.methods).flatMap((m) => m.channels) ?? [];
      const own = methodOf(provider, method)?.channels ?? [];
      return inLanguage([...own, ...all].find((c) => c.id === channel)?.name, i18n.language) || channel;
    },
  };
}

/** Forgets what lists and details show, after something was changed. */
export function useRefresh(): (...keys: string[]) => Promise<void> {
  const client = useQueryClient();
  return async (...keys) => {
    await Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
}

export type Provider = Schemas['Provider'];
export type Account = Schemas['Account'];
export type Payment = Schemas['Payment'];
export type Refund = Schemas['Refund'];
export type Tenant = Schemas['Tenant'];
export type Store = Schemas['Store'];
