import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { api, call, forTenant, type Schemas } from '@/lib/api/client';
import type { paths } from '@/lib/api/schema.gen';
import { byClock } from '@/lib/live';
import { type Refund, useRefresh } from '@/lib/queries';
import { daysFrom } from '@/lib/period';
import { asked, chosen } from '@/lib/useFilters';

type Query = NonNullable<paths['/v1/refunds']['get']['parameters']['query']>;

export const refundStates: Schemas['RefundState'][] = ['pending_approval', 'processing', 'succeeded', 'failed', 'rejected'];

/** What the address bar says, as the API wants it. */
export function queryFrom(search: URLSearchParams): Query {
  return asked<Query>({
    state: chosen(search, 'state', refundStates),
    unknown: search.get('unknown') === 'true' ? true : undefined,
    number: search.get('number') || undefined,
    ...daysFrom(search),
    cursor: search.get('cursor') ?? undefined,
  });
}

export function useRefunds(query: Query) {
  return useQuery({
    queryKey: ['refunds', query],
    queryFn: () => call(() => api.GET('/v1/refunds', { params: { query } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
    refetchInterval: () => (query.cursor ? false : byClock(15_000)),
  });
}

export function useRefund(id: string) {
  return useQuery({
    queryKey: ['refund', id],
    queryFn: () => call(() => api.GET('/v1/refunds/{refund_id}', { params: { path: { refund_id: id } } })),
    refetchInterval: ({ state }) => (!state.data ? false : isOpen(state.data.refund) ? byClock(3_000) : state.data.refund.state === 'pending_approval' ? byClock(15_000) : false),
  });
}

export function isOpen(r: Pick<Refund, 'state' | 'unknown'>): boolean {
  return r.unknown || r.state === 'processing';
}

export function useSyncRefund(refund: Refund) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => call(() => api.POST('/v1/refunds/{refund_id}/sync', { params: { path: { refund_id: refund.id } }, ...forTenant(refund.tenant_id) })),
    onSettled: () => refresh('refund', 'refunds', 'payment'),
  });
}
