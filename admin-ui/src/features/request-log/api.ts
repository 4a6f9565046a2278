import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/lib/api/client';
import type { paths } from '@/lib/api/schema.gen';
import { numberOrId } from '@/lib/numbers';
import { daysFrom } from '@/lib/period';
import { asked, chosen } from '@/lib/useFilters';

export type Entry = Schemas['RequestLogEntry'];
type Query = NonNullable<paths['/v1/request-log']['get']['parameters']['query']>;

export const results: Schemas['RequestResult'][] = ['succeeded', 'refused', 'failed'];
export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** What the address bar says, as the API wants it. */
export function queryFrom(search: URLSearchParams): Query {
  const code = search.get('code') ?? '';
  return asked<Query>({
    result: chosen(search, 'result', results),
    method: chosen(search, 'method', methods),
    code: /^[a-z_]{1,64}$/.test(code) ? [code] : undefined,
    api_key_id: search.get('key') ?? undefined,
    request_id: search.get('request')?.trim() || undefined,
    ...numberOrId(search.get('number')),
    ...daysFrom(search),
    cursor: search.get('cursor') ?? undefined,
  });
}

export function useRequests(query: Query) {
  return useQuery({
    queryKey: ['request-log', query],
    queryFn: () => call(() => api.GET('/v1/request-log', { params: { query } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
    refetchInterval: query.cursor ? false : 15_000,
  });
}

export function useOneRequest(id: string) {
  return useQuery({ queryKey: ['request-log', id], queryFn: () => call(() => api.GET('/v1/request-log/{log_id}', { params: { path: { log_id: id } } })) });
}
