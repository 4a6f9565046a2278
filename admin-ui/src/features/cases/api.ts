import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { api, call, forTenant, type Schemas } from '@/lib/api/client';
import type { paths } from '@/lib/api/schema.gen';
import { byClock } from '@/lib/live';
import { useRefresh } from '@/lib/queries';
import { asked, chosen } from '@/lib/useFilters';

export type Case = Schemas['Case'];
export type CaseDetail = Schemas['CaseDetail'];
type Query = NonNullable<paths['/v1/cases']['get']['parameters']['query']>;

/** Orders in doubt: their cases end with the doubt, and nobody can close them otherwise. */
export const doubts = ['unknown_payment', 'unknown_refund', 'unknown_payout'] as const;

export const caseKinds = [
  ...doubts, 'decision_corrected', 'decision_disputed', 'callback_unverified', 'callback_replayed', 'callback_disagrees', 'callback_order_unknown', 'provider_disagrees', 'refunded_outside', 'refund_cannot_be_asked',
] as const;

export function inDoubt(kind: string): boolean {
  return (doubts as readonly string[]).includes(kind);
}

const LIST_REFRESH_MS = 15_000;
const OPEN_REFRESH_MS = 5_000;

/** What the address bar says, as the API wants it: the queue of open cases, the oldest first, unless asked otherwise. */
export function queryFrom(search: URLSearchParams): Query {
  const owner = search.get('owner') ?? '';
  return asked<Query>({
    open: search.get('all') === 'true' ? undefined : true,
    sort: search.get('all') === 'true' ? 'newest' : 'oldest',
    kind: chosen(search, 'kind', caseKinds),
    owner: owner === 'none' || owner.startsWith('usr_') ? owner : undefined,
    cursor: search.get('cursor') ?? undefined,
  });
}

export function useCases(query: Query) {
  return useQuery({
    queryKey: ['cases', query],
    queryFn: () => call(() => api.GET('/v1/cases', { params: { query } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
    refetchInterval: () => (query.cursor ? false : byClock(LIST_REFRESH_MS)),
  });
}

export function useCase(id: string) {
  return useQuery({
    queryKey: ['case', id],
    queryFn: () => call(() => api.GET('/v1/cases/{case_id}', { params: { path: { case_id: id } } })),
    refetchInterval: ({ state }) => (state.data?.case.open ? byClock(OPEN_REFRESH_MS) : false),
  });
}

/** The question to a second person about a decision, for who may see approvals. */
export function useApprovalOf(resolution: Schemas['Resolution'] | undefined, tenant: string, enabled: boolean) {
  return useQuery({
    queryKey: ['approvals', 'of', resolution?.id, resolution?.state],
    queryFn: () => call(() => api.GET('/v1/approvals', { params: { query: { object_id: resolution!.id, limit: 1 } }, ...forTenant(tenant) })),
    select: (page) => page.items[0],
    enabled: enabled && resolution !== undefined,
  });
}

const shown = ['cases', 'case', 'approvals', 'payment', 'payments', 'refund', 'refunds', 'payouts', 'payout-batches'];

function path(c: Case) {
  return { params: { path: { case_id: c.id } }, ...forTenant(c.tenant_id) };
}

/** Says who takes care of a case; nobody when no user is named. */
export function useAssign(c: Case) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (user: string | undefined) => call(() => api.POST('/v1/cases/{case_id}/assign', { ...path(c), body: user ? { user_id: user } : {} })),
    onSettled: () => refresh('cases', 'case'),
  });
}

/** Asks the provider about the order of a case now; a question changes nothing there, so it may be asked again. */
export function useAskCases() {
  const refresh = useRefresh();
  return useMutation({ mutationFn: (c: Case) => call(() => api.POST('/v1/cases/{case_id}/ask', path(c))), onSettled: () => refresh(...shown) });
}

export function useResolve(c: Case) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Schemas['ResolveCaseRequest']) => call(() => api.POST('/v1/cases/{case_id}/resolve', { ...path(c), body })),
    onSettled: () => refresh(...shown),
  });
}

export function useClose(c: Case) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (note: string) => call(() => api.POST('/v1/cases/{case_id}/close', { ...path(c), body: { note } })),
    onSettled: () => refresh('cases', 'case'),
  });
}
