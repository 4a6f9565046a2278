import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { api, call, forTenant, type Schemas } from '@/lib/api/client';
import type { paths } from '@/lib/api/schema.gen';
import { saveFile } from '@/lib/download';
import { useRefresh } from '@/lib/queries';
import { asked, chosen } from '@/lib/useFilters';

export type Batch = Schemas['PayoutBatch'];
export type BatchDetail = Schemas['PayoutBatchDetail'];
export type BatchCheck = Schemas['PayoutBatchCheck'];
export type RowError = Schemas['PayoutRowError'];
type Query = NonNullable<paths['/v1/payout-batches']['get']['parameters']['query']>;

export const batchStates: Schemas['PayoutBatchState'][] = ['pending_approval', 'approved', 'rejected', 'invalid'];

/** The largest file that is taken. */
export const MAX_BYTES = 2 << 20;

const REFRESH_MS = 15_000;
const UNDER_WAY_MS = 3_000;

export function queryFrom(search: URLSearchParams): Query {
  return asked<Query>({ state: chosen(search, 'state', batchStates), cursor: search.get('cursor') ?? undefined });
}

export function useBatches(query: Query) {
  return useQuery({
    queryKey: ['payout-batches', query],
    queryFn: () => call(() => api.GET('/v1/payout-batches', { params: { query } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
    refetchInterval: query.cursor ? false : REFRESH_MS,
  });
}

/** How many of a batch's payouts still wait for something: to be sent, or for the provider's word. */
export function underWay(d: BatchDetail): number {
  return d.totals.filter((x) => x.state === 'processing' || x.state === 'in_review').reduce((sum, x) => sum + x.count, 0);
}

export function useBatch(id: string) {
  return useQuery({
    queryKey: ['payout-batches', 'one', id],
    queryFn: () => call(() => api.GET('/v1/payout-batches/{batch_id}', { params: { path: { batch_id: id } } })),
    refetchInterval: ({ state }) => {
      if (!state.data) return false;
      if (state.data.batch.state === 'pending_approval') return REFRESH_MS;
      return state.data.batch.state === 'approved' && underWay(state.data) > 0 ? UNDER_WAY_MS : false;
    },
  });
}

/** Reads a file in the browser, as the API wants it. */
export async function fileBase64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let raw = '';
  bytes.forEach((b) => (raw += String.fromCharCode(b)));
  return btoa(raw);
}

/** Has a file read without taking it in. */
export function useCheckBatch(tenantId: string) {
  return useMutation({ mutationFn: (content: Schemas['PayoutBatchRequest']) => call(() => api.POST('/v1/payout-batches/check', { body: content, ...forTenant(tenantId) })) });
}

export function useCreateBatch(tenantId: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ content, key }: { content: Schemas['PayoutBatchRequest']; key: string }) =>
      call(() => api.POST('/v1/payout-batches', { params: { header: { 'Idempotency-Key': key } }, body: content, ...forTenant(tenantId) })),
    onSettled: () => refresh('payouts', 'payout-batches', 'approvals', 'balances'),
  });
}

export function useTemplate() {
  return useMutation({
    mutationFn: async (name: string) => saveFile((await call(() => api.GET('/v1/payout-batches/template', { parseAs: 'blob' }))) as unknown as Blob, name),
  });
}

/** The file that says what is wrong with another, as the server kept it. */
export function useBatchErrors(batch: Batch) {
  return useMutation({
    mutationFn: async (name: string) =>
      saveFile((await call(() => api.GET('/v1/payout-batches/{batch_id}/errors.csv', { params: { path: { batch_id: batch.id } }, ...forTenant(batch.tenant_id), parseAs: 'blob' }))) as unknown as Blob, name),
  });
}

/** A table as a CSV file that spreadsheets open rightly and that runs nothing in them. */
export function csvFile(rows: readonly (readonly string[])[]): Blob {
  const cell = (text: string) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  return new Blob(['\ufeff', rows.map((row) => row.map(cell).join(',')).join('\r\n'), '\r\n'], { type: 'text/csv' });
}
