import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call, forTenant, type Schemas } from '@/lib/api/client';
import { addDays, beijingDay, beijingTime, dayStart } from '@/lib/beijing';
import { useProviders } from '@/lib/queries';
import { asked } from '@/lib/useFilters';

export type AccountBalances = Schemas['AccountBalances'];
export type ChannelBalance = Schemas['ChannelBalance'];
export type Snapshot = Schemas['BalanceSnapshot'];

const REFRESH_MS = 60_000;
const PAGE = 100;
const MOST_PAGES = 20;
const MOST_HISTORY_PAGES = 20;

/** The accounts with their balances, the low ones first; `more` when there is more than fits. */
export function useBalances() {
  return useQuery({
    queryKey: ['balances', 'list'],
    queryFn: async () => {
      const items: AccountBalances[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < MOST_PAGES; page++) {
        const reply = await call(() => api.GET('/v1/balances', { params: { query: asked({ limit: PAGE, cursor }) } }));
        items.push(...reply.items);
        cursor = reply.next_cursor;
        if (!cursor) break;
      }
      return { items: lowFirst(items), more: cursor !== undefined };
    },
    refetchInterval: REFRESH_MS,
  });
}

const rank = (a: AccountBalances) => (a.low_since ? 0 : a.stale_since || a.failures > 0 ? 1 : a.taken_at ? 2 : 3);

/** Low ones first, then those without an answer, then by what is there, the least first; at last who was never asked. */
export function lowFirst(items: AccountBalances[]): AccountBalances[] {
  return items.toSorted((a, b) => rank(a) - rank(b) || (sumOf(a, 'available') ?? 0) - (sumOf(b, 'available') ?? 0));
}

/** Whether an account's provider can be asked for balances: the others have nothing to show. */
export function useStates(): (a: AccountBalances) => boolean {
  const providers = useProviders().data;
  return (a) => {
    const products = providers?.find((p) => p.id === a.provider)?.manifest?.products;
    return !products || Boolean(a.taken_at) || products.some((p) => p.capabilities.includes('list_balances'));
  };
}

/** One account's balances; the platform sees them whichever merchant is chosen. */
export function useBalance(account: string) {
  return useQuery({
    queryKey: ['balances', 'one', account],
    queryFn: async () => {
      const page = await call(() => api.GET('/v1/balances', { params: { query: { account_id: account } } }));
      return page.items[0] ?? null;
    },
    refetchInterval: REFRESH_MS,
  });
}

/** What a channel is called; empty for the only one of an account. */
export function channelName({ name, channel }: ChannelBalance['figures']): string {
  return [name, channel].filter(Boolean).join(' ');
}

/** A figure over the channels; undefined where none states it. */
export function sumOf(a: AccountBalances, figure: 'available' | 'pending' | 'advance' | 'frozen'): number | undefined {
  const stated = a.channels.map((c) => c.figures[figure]).filter((v) => v !== undefined);
  return stated.length === 0 ? undefined : stated.reduce((sum, v) => sum + v, 0);
}

/** What can be paid out at this moment, over the channels; undefined before they are known. */
export function payableNow(a: AccountBalances): number | undefined {
  return a.channels.length === 0 ? undefined : a.channels.flatMap((c) => c.payable_now).reduce((sum, p) => sum + p.available_to_pay_out, 0);
}

/** Asks the provider now. */
export function useAskNow(a: AccountBalances) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call(() => api.POST('/v1/accounts/{account_id}/balances', { params: { path: { account_id: a.account_id } }, ...forTenant(a.tenant_id) })),
    onSettled: () => client.invalidateQueries({ queryKey: ['balances'] }),
  });
}

/** Sets the amount under which people are told, or removes it. */
export function useSetMark(a: AccountBalances) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (mark: { channel?: string; amount?: number }) =>
      call(() => api.PUT('/v1/accounts/{account_id}/balance-mark', { params: { path: { account_id: a.account_id } }, body: asked(mark), ...forTenant(a.tenant_id) })),
    onSettled: () => client.invalidateQueries({ queryKey: ['balances'] }),
  });
}

export const spans = [1, 7, 30] as const;
export type Span = (typeof spans)[number];

/** What a channel's balances were; a point an hour, or a day for a month: the last of each. */
export function useHistory(a: AccountBalances, channel: string, days: Span) {
  return useQuery({
    queryKey: ['balances', 'history', a.account_id, channel, days],
    queryFn: async () => {
      const from = dayStart(addDays(beijingDay(Date.now()), 1 - days));
      const points = new Map<string, Snapshot>();
      let cursor: string | undefined;
      for (let page = 0; page < MOST_HISTORY_PAGES; page++) {
        const query = asked({ channel: channel || undefined, from, limit: PAGE, cursor });
        const reply = await call(() => api.GET('/v1/accounts/{account_id}/balances', { params: { path: { account_id: a.account_id }, query }, ...forTenant(a.tenant_id) }));
        for (const s of reply.items) {
          const at = pointOf(s.taken_at, days);
          if (!points.has(at) && s.figures.channel === channel) points.set(at, s); // newest first: the last one of its time
        }
        cursor = reply.next_cursor;
        if (!cursor) break;
      }
      return [...points].toReversed().map(([at, snapshot]) => ({ at, figures: snapshot.figures }));
    },
    refetchInterval: REFRESH_MS,
  });
}

/** The time a snapshot stands for: itself within a day, its hour within a week, its day beyond. */
function pointOf(at: string, days: Span): string {
  const time = beijingTime(at);
  if (days === 30) return time.slice(5, 10);
  return days === 7 ? `${time.slice(5, 13)}:00` : time.slice(11, 16);
}
