import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { api, call, forTenant, type Schemas } from '@/lib/api/client';
import type { paths } from '@/lib/api/schema.gen';
import { addDays, isDay } from '@/lib/beijing';
import { useRefresh } from '@/lib/queries';
import { asked, chosen } from '@/lib/useFilters';

export type Day = Schemas['ReconciliationDay'];
export type DayDetail = Schemas['ReconciliationDetail'];
export type Bill = Schemas['Bill'];
export type BillLine = Schemas['BillLine'];
export type Total = Schemas['MovementTotal'];
export type Difference = Schemas['Difference'];
export type DifferenceDetail = Schemas['DifferenceDetail'];
type DifferenceQuery = NonNullable<paths['/v1/differences']['get']['parameters']['query']>;

export const differenceKinds: Schemas['DifferenceKind'][] = ['surplus', 'shortage', 'amount', 'state', 'fee', 'day', 'duplicate', 'total', 'unanswered'];
export const differenceStates: Schemas['DifferenceState'][] = ['open', 'correcting', 'accepted', 'linked', 'corrected', 'gone'];

/** How many days the grid shows, by what the address may ask for. */
export const spans = [7, 14, 31] as const;

const LIST_REFRESH_MS = 15_000;
const RUNNING_REFRESH_MS = 3_000;
const PAGE = 100;
const MOST_PAGES = 20;

/** The days of the grid: up to and including the one that ended last, or the day the address names. */
export function rangeFrom(search: URLSearchParams, today: string): { days: string[]; span: number; to: string } {
  const span = spans.find((n) => String(n) === search.get('days')) ?? 14;
  const wanted = search.get('to') ?? '';
  const last = addDays(today, -1);
  const to = isDay(wanted) && wanted < last ? wanted : last;
  return { days: Array.from({ length: span }, (_, i) => addDays(to, -i)), span, to };
}

/** Everything that is known of some days, page after page; `more` when there is more than fits. */
export function useDays(from: string, to: string) {
  return useQuery({
    queryKey: ['reconciliation-days', from, to],
    queryFn: async () => {
      const items: Day[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < MOST_PAGES; page++) {
        const query = asked({ from, to, limit: PAGE, cursor });
        const reply = await call(() => api.GET('/v1/reconciliation-days', { params: { query } }));
        items.push(...reply.items);
        cursor = reply.next_cursor;
        if (!cursor) break;
      }
      return { items, more: cursor !== undefined };
    },
    placeholderData: keepPreviousData,
    refetchInterval: LIST_REFRESH_MS,
  });
}

export function useDay(id: string) {
  return useQuery({
    queryKey: ['reconciliation-day', id],
    queryFn: () => call(() => api.GET('/v1/reconciliation-days/{reconciliation_id}', { params: { path: { reconciliation_id: id } } })),
    refetchInterval: ({ state }) => (isMoving(state.data?.day) ? RUNNING_REFRESH_MS : LIST_REFRESH_MS),
  });
}

/** Whether a day is being compared, or is about to be. */
export function isMoving(day: Day | undefined): boolean {
  return day !== undefined && (day.state === 'running' || (day.next_check_at !== undefined && new Date(day.next_check_at).getTime() <= Date.now()));
}

/** Has a day fetched and compared again. */
export function useRun(day: Day) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => call(() => api.POST('/v1/reconciliation-days/run', { body: { account_id: day.account_id, day: day.day }, ...forTenant(day.tenant_id) })),
    onSettled: () => refresh('reconciliation-days', 'reconciliation-day', 'differences'),
  });
}

export function useBillLines(bill: string, cursor: string | undefined) {
  return useQuery({
    queryKey: ['bill-lines', bill, cursor],
    queryFn: () => call(() => api.GET('/v1/bills/{bill_id}/lines', { params: { path: { bill_id: bill }, query: asked({ cursor }) } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
  });
}

/** What the address bar says, as the API wants it: what waits for people, unless asked otherwise. */
export function differencesFrom(search: URLSearchParams): DifferenceQuery {
  const owner = search.get('owner') ?? '';
  const [from, to] = [search.get('from') ?? '', search.get('to') ?? ''];
  const states = chosen(search, 'state', differenceStates);
  return asked<DifferenceQuery>({
    state: states ?? (search.get('all') === 'true' ? undefined : ['open', 'correcting']),
    kind: chosen(search, 'kind', differenceKinds),
    account_id: search.get('account') || undefined,
    reconciliation_id: search.get('day') || undefined,
    owner: owner === 'none' || owner.startsWith('usr_') ? owner : undefined,
    from: isDay(from) ? from : undefined,
    to: isDay(to) ? to : undefined,
    number: search.get('number') || undefined,
    cursor: search.get('cursor') ?? undefined,
  });
}

export function useDifferences(query: DifferenceQuery) {
  return useQuery({
    queryKey: ['differences', query],
    queryFn: () => call(() => api.GET('/v1/differences', { params: { query } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
    refetchInterval: query.cursor ? false : LIST_REFRESH_MS,
  });
}

export function useDifference(id: string) {
  return useQuery({
    queryKey: ['difference', id],
    queryFn: () => call(() => api.GET('/v1/differences/{difference_id}', { params: { path: { difference_id: id } } })),
    refetchInterval: ({ state }) => (waits(state.data?.difference) ? LIST_REFRESH_MS : false),
  });
}

/** Whether somebody has to do something about it. */
export function waits(d: Difference | undefined): boolean {
  return d?.state === 'open' || d?.state === 'correcting';
}

// What shows a difference, its day, or the order it is about.
const shown = ['differences', 'difference', 'reconciliation-days', 'reconciliation-day', 'approvals', 'payment', 'payments', 'refund', 'refunds', 'payouts', 'payout-batches', 'cases', 'case'];

function path(d: Difference) {
  return { params: { path: { difference_id: d.id } }, ...forTenant(d.tenant_id) };
}

/** Says who takes care of it; nobody when no user is named. */
export function useAssign(d: Difference) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (user: string | undefined) => call(() => api.POST('/v1/differences/{difference_id}/assign', { ...path(d), body: user ? { user_id: user } : {} })),
    onSettled: () => refresh('differences', 'difference'),
  });
}

/** What is done about a difference with nothing but a remark. */
export type Step = 'accept' | 'correct' | 'reopen';

export function useStep(d: Difference, step: Step) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (remark: string) =>
      call(() => {
        const request = { ...path(d), body: { remark } };
        switch (step) {
          case 'accept':
            return api.POST('/v1/differences/{difference_id}/accept', request);
          case 'correct':
            return api.POST('/v1/differences/{difference_id}/correct', request);
          case 'reopen':
            return api.POST('/v1/differences/{difference_id}/reopen', request);
        }
      }),
    onSettled: () => refresh(...shown),
  });
}

export function useLink(d: Difference) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Schemas['LinkDifferenceRequest']) => call(() => api.POST('/v1/differences/{difference_id}/link', { ...path(d), body })),
    onSettled: () => refresh(...shown),
  });
}

/** Asks the provider about the order now, and compares again. */
export function useAsk(d: Difference) {
  const refresh = useRefresh();
  return useMutation({ mutationFn: () => call(() => api.POST('/v1/differences/{difference_id}/ask', path(d))), onSettled: () => refresh(...shown) });
}

/** Our orders under a number, whatever they are. */
export function useOrdersOf(tenant: string) {
  return useMutation({ mutationFn: (number: string) => call(() => api.GET('/v1/search', { params: { query: { number } }, ...forTenant(tenant) })) });
}
