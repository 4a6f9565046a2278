import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/lib/api/client';
import { addDays, dayEnd, dayStart, isDay } from '@/lib/beijing';
import { asked } from '@/lib/useFilters';

export type Line = Schemas['SettlementLine'];
export type Sum = Schemas['SettlementSum'];
export type Entry = Schemas['Entry'];
export type Shift = Schemas['Shift'];

const REFRESH_MS = 30_000;
const SHIFT_REFRESH_MS = 15_000;
const WEEK = 7;
export const MOST_DAYS = 92;

/** The days of the address; the last seven when it names none that make sense. */
export function periodFrom(search: URLSearchParams, today: string): { from: string; to: string } {
  const [from, to] = [search.get('from') ?? '', search.get('to') ?? ''];
  const last = isDay(to) && to <= today ? to : today;
  const earliest = addDays(last, 1 - MOST_DAYS);
  if (!isDay(from) || from > last) return { from: addDays(last, 1 - WEEK), to: last };
  return { from: from < earliest ? earliest : from, to: last };
}

/** What the address bar says, as the API wants it. */
export function settlementFrom(search: URLSearchParams, today: string) {
  return asked({
    ...periodFrom(search, today),
    store_id: search.getAll('store').length > 0 ? search.getAll('store') : undefined,
    by: search.get('by') === 'account' ? ('account' as const) : undefined,
  });
}

export function useSettlement(query: ReturnType<typeof settlementFrom>) {
  return useQuery({
    queryKey: ['settlement', query],
    queryFn: () => call(() => api.GET('/v1/settlement', { params: { query } })),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}

/** Which movements the address asks for: of a day, a store, an account. */
export function entriesFrom(search: URLSearchParams, today: string) {
  return asked({
    ...periodFrom(search, today),
    store_id: search.getAll('store').length > 0 ? search.getAll('store') : undefined,
    account_id: search.get('account') ?? undefined,
    cursor: search.get('cursor') ?? undefined,
  });
}

export function useEntries(query: ReturnType<typeof entriesFrom>) {
  return useQuery({
    queryKey: ['entries', query],
    queryFn: () => call(() => api.GET('/v1/settlement/entries', { params: { query } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
  });
}

/** A cashier's Beijing day; of the present one, as far as it has gone. */
export function useShift(day: string, actor: string | undefined, tenant: string | undefined) {
  const query = asked({ from: dayStart(day), to: dayEnd(day), actor });
  return useQuery({
    queryKey: ['shift', tenant, query],
    queryFn: () => call(() => api.GET('/v1/shifts', { params: { query } })),
    placeholderData: keepPreviousData,
    refetchInterval: SHIFT_REFRESH_MS,
  });
}
