import { useMutation, useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from './api/client';
import type { Choice } from './columns';
import { useRefresh } from './queries';

/** Lists as files: what every list offers, and the page of exports shows. */

export type ExportKind = Schemas['ExportKind'];

// A file has all rows, the newest first.
const PAGE = ['cursor', 'limit', 'sort'];

/** A list's query as an export wants it: without page and order, repeated values divided by commas. */
export function filterOf(query: Record<string, unknown>): Record<string, string> {
  const kept = Object.entries(query).filter(([name, value]) => !PAGE.includes(name) && value !== undefined && value !== '');
  return Object.fromEntries(kept.map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : String(value)]));
}

export function useExportColumns(kind: ExportKind) {
  return useQuery({
    queryKey: ['export-columns', kind],
    queryFn: () => call(() => api.GET('/v1/export-columns', { params: { query: { kind } } })),
    select: (list) => list.items,
    staleTime: Infinity,
  });
}

export function useCreateExport() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ content, key }: { content: Schemas['ExportRequest']; key: string }) => call(() => api.POST('/v1/exports', { params: { header: { 'Idempotency-Key': key } }, body: content })),
    onSettled: () => refresh('exports'),
  });
}

/** All columns of a file in the order to show them: those that the list shows first, the others after; all when it shows none of them. */
export function choicesOf(known: readonly string[], shown: readonly string[]): Choice[] {
  const kept = shown.filter((name) => known.includes(name));
  if (kept.length === 0) return known.map((name) => ({ name, on: true }));
  return [...kept.map((name) => ({ name, on: true })), ...known.filter((name) => !kept.includes(name)).map((name) => ({ name, on: false }))];
}
