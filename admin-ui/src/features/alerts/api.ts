import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { api, call, forTenant, type Schemas } from '@/lib/api/client';
import type { paths } from '@/lib/api/schema.gen';
import { byClock } from '@/lib/live';
import { useMay } from '@/lib/permissions';
import { useRefresh } from '@/lib/queries';
import { asked, chosen } from '@/lib/useFilters';

export type Alert = Schemas['Alert'];
type Query = NonNullable<paths['/v1/alerts']['get']['parameters']['query']>;

export const alertKinds = [
  'unknown_old', 'correction', 'breaker_open', 'callback_unverified', 'balance_low', 'balance_stale', 'keys_not_renewed', 'vault_closing', 'webhook_failing', 'payout_returned', 'resolution_disputed', 'plugin_stopped', 'plugin_modified', 'plugin_not_upgraded', 'plugin_denied', 'bill_missing', 'books_disagree',
] as const;

const REFRESH_MS = 30_000;
const COUNTED = 100;

/** What the address bar says, as the API wants it; without a word about it, only those that are open. */
export function queryFrom(search: URLSearchParams): Query {
  return asked<Query>({
    open: search.get('all') === 'true' ? undefined : true,
    kind: chosen(search, 'kind', alertKinds),
    object_id: search.get('object')?.trim() || undefined,
    cursor: search.get('cursor') ?? undefined,
  });
}

export function useAlerts(query: Query) {
  return useQuery({
    queryKey: ['alerts', query],
    queryFn: () => call(() => api.GET('/v1/alerts', { params: { query } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
    refetchInterval: () => (query.cursor ? false : byClock(REFRESH_MS)),
  });
}

export interface AlertCount {
  /** How many are open and nobody's yet. */
  count: number;
  /** There may be more than were counted. */
  more: boolean;
  critical: boolean;
}

/** How many alerts wait for somebody; undefined for who may not see them. */
export function useAlertCount(): AlertCount | undefined {
  const enabled = useMay()('alerts:read');
  return useQuery({
    queryKey: ['alerts', 'count'],
    queryFn: () => call(() => api.GET('/v1/alerts', { params: { query: { open: true, limit: COUNTED } } })),
    select: ({ items, next_cursor }): AlertCount => {
      const waiting = items.filter((a) => !a.seen_by);
      return { count: waiting.length, more: next_cursor !== undefined, critical: waiting.some((a) => a.severity === 'critical') };
    },
    refetchInterval: () => byClock(REFRESH_MS),
    enabled,
  }).data;
}

/** Says to the others that one takes care of it. */
export function useTakeAlert(alert: Alert) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => call(() => api.POST('/v1/alerts/{alert_id}/take', { params: { path: { alert_id: alert.id } }, ...forTenant(alert.tenant_id) })),
    onSettled: () => refresh('alerts'),
  });
}
