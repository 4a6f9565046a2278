import { useMutation, useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from './api/client';
import { useRefresh } from './queries';

/** Lists as files: what every list offers, and the page of exports shows. */

export type ExportKind = Schemas['ExportKind'];

/** A list's query as an export wants it: without the page, repeated values divided by commas. */
export function filterOf(query: Record<string, unknown>): Record<string, string> {
  const kept = Object.entries(query).filter(([name, value]) => name !== 'cursor' && name !== 'limit' && value !== undefined && value !== '');
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

export interface Choice {
  name: string;
  on: boolean;
}

/** All columns in the order to show them: those that were chosen before as they were, new ones after. */
export function choicesOf(known: readonly string[], before: readonly string[]): Choice[] {
  const kept = before.filter((name) => known.includes(name));
  if (kept.length === 0) return known.map((name) => ({ name, on: true }));
  return [...kept.map((name) => ({ name, on: true })), ...known.filter((name) => !kept.includes(name)).map((name) => ({ name, on: false }))];
}

/** The list with one column moved up (-1) or down (1). */
export function moved(choices: readonly Choice[], name: string, by: 1 | -1): Choice[] {
  const at = choices.findIndex((c) => c.name === name);
  const to = at + by;
  if (at < 0 || to < 0 || to >= choices.length) return [...choices];
  const next = [...choices];
  [next[at], next[to]] = [next[to]!, next[at]!];
  return next;
}

const KEY = 'zhanggui.exportColumns';

/** The columns that this person chose last, by kind. */
export function chosenColumns(kind: ExportKind): string[] {
  try {
    const stored = (JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, unknown>)[kind];
    return Array.isArray(stored) ? stored.filter((name): name is string => typeof name === 'string') : [];
  } catch {
    return []; // private windows may refuse storage
  }
}

export function keepColumns(kind: ExportKind, columns: string[]): void {
  try {
    const all = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, unknown>;
    localStorage.setItem(KEY, JSON.stringify({ ...all, [kind]: columns }));
  } catch {
    // They are asked for again next time.
  }
}
