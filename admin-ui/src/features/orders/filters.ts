import { addDays, beijingDay } from '@/lib/beijing';
import type { Schemas } from '@/lib/api/client';
import type { paths } from '@/lib/api/schema.gen';
import { fenToInput, parseYuan } from '@/lib/money';
import { asked, chosen, daysFrom } from '@/lib/useFilters';

export const paymentStates: Schemas['PaymentState'][] = ['requires_action', 'processing', 'succeeded', 'failed', 'canceled', 'closed', 'expired'];

export const presets = ['today', 'yesterday', 'days7', 'days30'] as const;
export type Preset = (typeof presets)[number];

type Query = NonNullable<paths['/v1/payments']['get']['parameters']['query']>;

/** The first and last Beijing day of a preset. */
export function presetDays(preset: Preset, now: number): { from: string; to: string } {
  const today = beijingDay(now);
  switch (preset) {
    case 'today':
      return { from: today, to: today };
    case 'yesterday':
      return { from: addDays(today, -1), to: addDays(today, -1) };
    case 'days7':
      return { from: addDays(today, -6), to: today };
    case 'days30':
      return { from: addDays(today, -29), to: today };
  }
}

/** The preset that two days are, if any. */
export function presetOf(from: string | null, to: string | null, now: number): Preset | undefined {
  return presets.find((preset) => {
    const days = presetDays(preset, now);
    return days.from === from && days.to === to;
  });
}

/** What the address bar says, as the API wants it. What makes no sense is left out. */
export function queryFrom(search: URLSearchParams): Query {
  const min = parseYuan(search.get('min') ?? '').fen;
  const max = parseYuan(search.get('max') ?? '').fen;
  return asked<Query>({
    state: chosen(search, 'state', paymentStates),
    unknown: search.get('unknown') === 'true' ? true : undefined,
    provider: search.get('provider') ?? undefined,
    method: search.get('method') ?? undefined,
    store_id: search.getAll('store').length > 0 ? search.getAll('store') : undefined,
    ...daysFrom(search),
    min_amount: min,
    max_amount: max,
    number: search.get('number') || undefined,
    cursor: search.get('cursor') ?? undefined,
  });
}

/** An amount bound as it stands in the address bar, or nothing when it is none. */
export function amountParam(text: string): string | undefined {
  const parsed = parseYuan(text);
  return parsed.fen === undefined ? undefined : fenToInput(parsed.fen);
}
