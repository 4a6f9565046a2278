import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { api, call, forTenant, type Schemas } from '@/lib/api/client';
import type { paths } from '@/lib/api/schema.gen';
import { neededApprovals } from '@/lib/approvalTiers';
import { useMay } from '@/lib/permissions';
import { type Account, useAccounts, useApprovalTiers, useProviders, useRefresh } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { daysFrom } from '@/lib/period';
import { asked, chosen } from '@/lib/useFilters';

export type Payout = Schemas['Payout'];
export type PayoutDetail = Schemas['PayoutDetail'];
export type PayoutSpec = Schemas['PayoutSpec'];
type Query = NonNullable<paths['/v1/payouts']['get']['parameters']['query']>;

export const payoutStates: Schemas['PayoutState'][] = ['pending_approval', 'processing', 'in_review', 'succeeded', 'failed', 'returned', 'rejected'];

const LIST_REFRESH_MS = 15_000;
const OPEN_REFRESH_MS = 3_000;

/** What the address bar says, as the API wants it. */
export function queryFrom(search: URLSearchParams): Query {
  const account = search.get('account') ?? '';
  const batch = search.get('batch') ?? '';
  return asked<Query>({
    state: chosen(search, 'state', payoutStates),
    unknown: search.get('unknown') === 'true' ? true : undefined,
    account_id: account.startsWith('acc_') ? account : undefined,
    batch_id: batch.startsWith('pob_') ? batch : undefined,
    number: search.get('number') || undefined,
    ...daysFrom(search),
    cursor: search.get('cursor') ?? undefined,
  });
}

export function usePayouts(query: Query) {
  return useQuery({
    queryKey: ['payouts', query],
    queryFn: () => call(() => api.GET('/v1/payouts', { params: { query } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
    refetchInterval: query.cursor ? false : LIST_REFRESH_MS,
  });
}

/** Whether the provider may still say something new about a payout soon. */
export function isOpen(p: Pick<Payout, 'state' | 'unknown'>): boolean {
  return p.unknown || p.state === 'processing' || p.state === 'in_review';
}

export function usePayout(id: string) {
  return useQuery({
    queryKey: ['payouts', 'one', id],
    queryFn: () => call(() => api.GET('/v1/payouts/{payout_id}', { params: { path: { payout_id: id } } })),
    refetchInterval: ({ state }) => (!state.data ? false : isOpen(state.data.payout) ? OPEN_REFRESH_MS : state.data.payout.state === 'pending_approval' ? LIST_REFRESH_MS : false),
  });
}

export function useSyncPayout(payout: Payout) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => call(() => api.POST('/v1/payouts/{payout_id}/sync', { params: { path: { payout_id: payout.id } }, ...forTenant(payout.tenant_id) })),
    onSettled: () => refresh('payouts', 'payout-batches', 'cases', 'case', 'balances'),
  });
}

export function useCreatePayout(tenantId: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ content, key }: { content: Schemas['PayoutRequest']; key: string }) =>
      call(() => api.POST('/v1/payouts', { params: { header: { 'Idempotency-Key': key } }, body: content, ...forTenant(tenantId) })),
    onSettled: () => refresh('payouts', 'approvals', 'balances'),
  });
}

/** The cases about a payout, for who may see them. */
export function useCasesOf(payout: Payout) {
  const enabled = useMay()('cases:read');
  return useQuery({
    queryKey: ['cases', 'of', payout.id, payout.version],
    queryFn: () => call(() => api.GET('/v1/cases', { params: { query: { object_id: payout.id, limit: 20 } }, ...forTenant(payout.tenant_id) })),
    select: (page) => page.items,
    enabled,
  });
}

/** Where the provider's books and ours disagree about a payout, for who may see that. */
export function useDifferencesOf(payout: Payout) {
  const enabled = useMay()('reconciliation:read') && Boolean(payout.sent_at);
  return useQuery({
    queryKey: ['differences', 'of', payout.id, payout.version],
    queryFn: () => call(() => api.GET('/v1/differences', { params: { query: { number: payout.payout_no, limit: 20 } }, ...forTenant(payout.tenant_id) })),
    select: (page) => page.items,
    enabled,
  });
}

/** An account that pays out, with what its provider asks of a payout. */
export interface Payer {
  account: Account;
  spec: PayoutSpec;
}

/** The merchant's accounts that pay out. Pending until both the accounts and the manifests are there. */
export function usePayers(tenantId: string | undefined): { payers: Payer[]; isPending: boolean } {
  const accounts = useAccounts(tenantId);
  const providers = useProviders();
  const payers = (accounts.data ?? []).flatMap((account) => {
    const spec = providers.data?.find((p) => p.id === account.provider)?.manifest?.products.find((p) => p.payout)?.payout;
    return spec && account.status === 'live' ? [{ account, spec }] : [];
  });
  return { payers, isPending: accounts.isPending || providers.isPending };
}

export function useBalancesOf(account: Account) {
  const enabled = useMay()('balances:read');
  return useQuery({
    queryKey: ['balances', 'of', account.id],
    queryFn: () => call(() => api.GET('/v1/balances', { params: { query: { account_id: account.id } }, ...forTenant(account.tenant_id) })),
    select: (page) => page.items[0],
    enabled,
  });
}

export function useRefreshBalances(account: Account) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => call(() => api.POST('/v1/accounts/{account_id}/balances', { params: { path: { account_id: account.id } }, ...forTenant(account.tenant_id) })),
    onSettled: () => refresh('balances'),
  });
}

/** The rates of an account by which payouts are charged. */
export function usePayoutRates(account: Account) {
  const enabled = useMay()('fees:read');
  return useQuery({
    queryKey: ['fee-rates', account.id],
    queryFn: () => call(() => api.GET('/v1/fee-rates', { params: { query: { account_id: account.id } }, ...forTenant(account.tenant_id) })),
    select: (list) => list.items.filter((r) => r.method === 'payout'),
    enabled,
  });
}

/** The merchant's limits on payouts that concern an account. */
export function usePayoutLimits(account: Account) {
  const enabled = useMay()('limits:read');
  return useQuery({
    queryKey: ['limits', account.tenant_id],
    queryFn: () => call(() => api.GET('/v1/limits', forTenant(account.tenant_id))),
    select: (list) => list.items.filter((l) => l.spending === 'payout' && (!l.account_id || l.account_id === account.id)),
    enabled,
  });
}

/** How many other people must agree to what the signed-in person asks for; at least one. */
export function useNeeded(tenantId: string | undefined, kind: 'payout' | 'payout_batch', fen: number): number {
  const { me } = useSession();
  const tiers = useApprovalTiers(tenantId).data ?? [];
  const roles = (me.user?.roles ?? []).filter((r) => !r.tenant_id || r.tenant_id === tenantId).map((r) => r.role);
  return Math.max(1, neededApprovals(tiers, kind, roles, fen));
}
