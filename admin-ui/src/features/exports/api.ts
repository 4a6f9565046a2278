import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { api, call, forTenant, type Schemas } from '@/lib/api/client';
import { saveFile } from '@/lib/download';
import { byClock } from '@/lib/live';
import { useRefresh } from '@/lib/queries';
import { asked, chosen } from '@/lib/useFilters';

export type Export = Schemas['Export'];
export const exportStates: Schemas['ExportState'][] = ['queued', 'running', 'ready', 'failed', 'canceled', 'expired'];

const RUNNING_REFRESH_MS = 2_000;
const LIST_REFRESH_MS = 30_000;

/** Whether the file is still being written, or waits for its turn. */
export function isOpen(e: Export): boolean {
  return e.state === 'queued' || e.state === 'running';
}

export function useExports(search: URLSearchParams) {
  const query = asked({ state: chosen(search, 'state', exportStates), cursor: search.get('cursor') ?? undefined });
  return useQuery({
    queryKey: ['exports', query],
    queryFn: () => call(() => api.GET('/v1/exports', { params: { query } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.items.some(isOpen) ? byClock(RUNNING_REFRESH_MS) : LIST_REFRESH_MS),
  });
}

function path(e: Export) {
  return { params: { path: { export_id: e.id } }, ...forTenant(e.tenant_id) };
}

/** Stops an export, or throws its file away. */
export function useCancel(e: Export) {
  const refresh = useRefresh();
  return useMutation({ mutationFn: () => call(() => api.POST('/v1/exports/{export_id}/cancel', path(e))), onSettled: () => refresh('exports') });
}

/** Fetches the file for the browser's downloads. */
export function useDownload(e: Export) {
  return useMutation({
    mutationFn: async () => saveFile((await call(() => api.GET('/v1/exports/{export_id}/file', { ...path(e), parseAs: 'blob' }))) as Blob, e.file_name),
  });
}
