import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { api, call, forTenant, type Schemas } from '@/lib/api/client';
import type { paths } from '@/lib/api/schema.gen';
import { byClock } from '@/lib/live';
import { useRefresh } from '@/lib/queries';
import { daysFrom } from '@/lib/period';
import { asked, chosen } from '@/lib/useFilters';

export type Callback = Schemas['Callback'];
type Query = NonNullable<paths['/v1/callbacks']['get']['parameters']['query']>;

export const effects: Schemas['CallbackEffect'][] = ['received', 'applied', 'repeated', 'refused', 'replayed', 'disagrees', 'not_known', 'asked', 'failed'];

/** What the address bar says, as the API wants it. */
export function queryFrom(search: URLSearchParams): Query {
  return asked<Query>({
    effect: chosen(search, 'effect', effects),
    account_id: search.get('account') ?? undefined,
    object_id: search.get('object')?.trim() || undefined,
    ...daysFrom(search),
    cursor: search.get('cursor') ?? undefined,
  });
}

export function useCallbacks(query: Query) {
  return useQuery({
    queryKey: ['callbacks', query],
    queryFn: () => call(() => api.GET('/v1/callbacks', { params: { query } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
    refetchInterval: () => (query.cursor ? false : byClock(15_000)),
  });
}

/** The address names the merchant: the platform's people look at callbacks of all of them. */
export function pageOfCallback(c: Callback): string {
  return `/callbacks/${c.id}?tenant=${c.tenant_id}`;
}

export function useOneCallback(id: string, tenant: string | undefined) {
  return useQuery({
    queryKey: ['callback', id],
    queryFn: () => call(() => api.GET('/v1/callbacks/{callback_id}', { params: { path: { callback_id: id } }, ...forTenant(tenant) })),
  });
}

/** Opens the request as it came. That is written to the audit log. */
export function useReveal(callback: Callback) {
  return useMutation({
    mutationFn: () => call(() => api.POST('/v1/callbacks/{callback_id}/reveal', { params: { path: { callback_id: callback.id } }, ...forTenant(callback.tenant_id) })),
  });
}

/** Has all kept callbacks of a time read again, up to a hundred at once. */
export function useRerunRange() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Schemas['RerunCallbacksRequest']) => call(() => api.POST('/v1/callbacks/rerun', { body })),
    onSettled: () => refresh('callbacks', 'callback', 'payment', 'refund'),
  });
}

/** Has a kept callback read again; what it says is applied once, however often it is read. */
export function useRerun(callback: Callback) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => call(() => api.POST('/v1/callbacks/{callback_id}/rerun', { params: { path: { callback_id: callback.id } }, ...forTenant(callback.tenant_id) })),
    onSettled: () => refresh('callbacks', 'callback', 'payment', 'refund'),
  });
}
