import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { api, call, forTenant, type Schemas } from '@/lib/api/client';
import type { paths } from '@/lib/api/schema.gen';
import { dayEnd, dayStart, isDay } from '@/lib/beijing';
import { type Refund, useRefresh } from '@/lib/queries';

type Query = NonNullable<paths['/v1/refunds']['get']['parameters']['query']>;

export const refundStates: Schemas['RefundState'][] = ['pending_approval', 'processing', 'succeeded', 'failed', 'rejected'];

/** What the address bar says, as the API wants it. */
export function queryFrom(search: URLSearchParams): Query {
  const states = search.getAll('state').filter((s): s is Schemas['RefundState'] => (refundStates as string[]).includes(s));
  const from = search.get('from');
  const to = search.get('to');
  const query: Query = {
    state: states.length > 0 ? states : undefined,
    unknown: search.get('unknown') === 'true' ? true : undefined,
    number: search.get('number') || undefined,
    from: from && isDay(from) ? dayStart(from) : undefined,
    to: to && isDay(to) ? dayEnd(to) : undefined,
    cursor: search.get('cursor') ?? undefined,
  };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Query;
}

export function useRefunds(query: Query) {
  return useQuery({
    queryKey: ['refunds', query],
    queryFn: () => call(() => api.GET('/v1/refunds', { params: { query } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
    refetchInterval: query.cursor ? false : 15_000,
  });
}

export function useRefund(id: string) {
  return useQuery({
    queryKey: ['refund', id],
    queryFn: () => call(() => api.GET('/v1/refunds/{refund_id}', { params: { path: { refund_id: id } } })),
    refetchInterval: ({ state }) => (state.data && isOpen(state.data.refund) ? 3_000 : false),
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
