import type { Schemas } from '@/lib/api/client';
import type { paths } from '@/lib/api/schema.gen';
import { fenToInput, parseYuan } from '@/lib/money';
import { daysFrom } from '@/lib/period';
import { asked, chosen } from '@/lib/useFilters';

export const paymentStates: Schemas['PaymentState'][] = ['requires_action', 'processing', 'succeeded', 'failed', 'canceled', 'closed', 'expired'];

/** The orders that the list can be in; the first is the usual one. */
export const paymentSorts = ['newest', 'oldest', 'largest', 'smallest'] as const;

type Query = NonNullable<paths['/v1/payments']['get']['parameters']['query']>;

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
    sort: chosen(search, 'sort', paymentSorts)?.[0],
    cursor: search.get('cursor') ?? undefined,
  });
}

/** An amount bound as it stands in the address bar, or nothing when it is none. */
export function amountParam(text: string): string | undefined {
  const parsed = parseYuan(text);
  return parsed.fen === undefined ? undefined : fenToInput(parsed.fen);
}
