import { useQueries, useQuery } from '@tanstack/react-query';
import { api, call, forTenant } from './api/client';
import { useMay } from './permissions';
import type { Account, Store } from './queries';

/** What the pages of the books call things that belong to several merchants at once. */

const PAGE = 100;
const MOST_PAGES = 10;

/** The accounts of the merchants that are seen, for their names. */
export function useAccountsOf(tenants: string[]): Account[] {
  const enabled = useMay()('accounts:read');
  return useQueries({
    queries: tenants.map((tenant) => ({
      queryKey: ['accounts', tenant],
      queryFn: () => call(() => api.GET('/v1/accounts', forTenant(tenant))),
      staleTime: 60_000,
      enabled,
    })),
    combine: (results) => results.flatMap((r) => r.data?.items ?? []),
  });
}

/** The stores of the merchants that are seen, for their names. */
export function useStoresOf(tenants: string[]): Store[] {
  const enabled = useMay()('stores:read');
  return useQueries({
    queries: tenants.map((tenant) => ({
      queryKey: ['stores', tenant],
      queryFn: () => call(() => api.GET('/v1/stores', forTenant(tenant))),
      staleTime: 60_000,
      enabled,
    })),
    combine: (results) => results.flatMap((r) => r.data?.items ?? []),
  });
}

async function merchantNames(): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { items, next_cursor } = await call(() => api.GET('/v1/tenants', { params: { query: { limit: PAGE, ...(cursor && { cursor }) } } }));
    items.forEach((tenant) => names.set(tenant.id, tenant.name));
    if (!next_cursor) break;
    cursor = next_cursor;
  }
  return names;
}

/** Merchants by name, for the platform's own people. */
export function useMerchantNames(enabled: boolean): (tenant: string) => string | undefined {
  const may = useMay()('tenants:read') && enabled;
  const names = useQuery({ queryKey: ['tenants', 'names'], queryFn: merchantNames, staleTime: 60_000, enabled: may });
  return (tenant) => names.data?.get(tenant);
}
