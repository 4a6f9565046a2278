import { useQueries, useQuery } from '@tanstack/react-query';
import { api, call, forTenant } from './api/client';
import { useMay } from './permissions';
import type { Account } from './queries';

/** What the pages of the books call things that belong to several merchants at once. */

const MOST_NAMES = 200;

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

/** Merchants by name, for the platform's own people. */
export function useMerchantNames(enabled: boolean): (tenant: string) => string | undefined {
  const may = useMay()('tenants:read') && enabled;
  const page = useQuery({
    queryKey: ['tenants', 'names'],
    queryFn: () => call(() => api.GET('/v1/tenants', { params: { query: { limit: MOST_NAMES } } })),
    staleTime: 60_000,
    enabled: may,
  });
  return (tenant) => page.data?.items.find((t) => t.id === tenant)?.name;
}
