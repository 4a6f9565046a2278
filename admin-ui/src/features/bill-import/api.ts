import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { api, call, forTenant, type Schemas } from '@/lib/api/client';
import { asApiError } from '@/lib/api/error';
import { saveFile } from '@/lib/download';
import { useRefresh } from '@/lib/queries';
import { asked } from '@/lib/useFilters';

export type Mapping = Schemas['BillMapping'];
export type Rules = Schemas['BillRules'];
export type Field = Schemas['BillField'];
export type Import = Schemas['BillImport'];
export type ImportDetail = Schemas['BillImportDetail'];
export type Preview = Schemas['BillPreview'];
export type RowError = Schemas['BillRowError'];

/** Every part of a file has this size, the last one what is left. */
export const CHUNK_BYTES = 1 << 20;

const READING_REFRESH_MS = 2_000;
const LIST_REFRESH_MS = 15_000;
const TRIES = 3;

/** How many parts a file of so many bytes has. */
export function chunksOf(bytes: number): number {
  return Math.ceil(bytes / CHUNK_BYTES);
}

export function useMappings(provider?: string) {
  return useQuery({ queryKey: ['bill-mappings', provider], queryFn: () => call(() => api.GET('/v1/bill-mappings', { params: { query: asked({ provider }) } })) });
}

export interface SavedMapping {
  name: string;
  provider: string;
  rules: Rules;
  /** The one that is changed; none: a new one. */
  old?: Mapping;
}

export function useSaveMapping() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ name, provider, rules, old }: SavedMapping) =>
      call(() => (old ? api.PUT('/v1/bill-mappings/{mapping_id}', { params: { path: { mapping_id: old.id } }, body: { name, version: old.version, rules } }) : api.POST('/v1/bill-mappings', { body: { name, provider, rules } }))),
    onSuccess: () => refresh('bill-mappings'),
  });
}

export function useDeleteMapping() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (mapping: Mapping) => call(() => api.DELETE('/v1/bill-mappings/{mapping_id}', { params: { path: { mapping_id: mapping.id } } })),
    onSettled: () => refresh('bill-mappings'),
  });
}

/** Reads the beginning of a file by rules that need not be saved. */
export function usePreview() {
  return useMutation({ mutationFn: async ({ rules, file }: { rules: Rules; file: File }) => preview(rules, await headOf(file)) });
}

function preview(rules: Rules, head: string): Promise<Preview> {
  return call(() => api.POST('/v1/bill-mappings/preview', { body: { rules, head_base64: head } }));
}

// Headings that no file has: with them the server says which headings there are.
const nothing: Rules = { columns: { time: '?1', amount: '?2', order_no: '?3' }, unit: 'yuan', time_format: '2006-01-02 15:04:05' };

/** The headings of a file, before anybody said which column is which. */
export function useHeadings(file: File | undefined, rules: Pick<Rules, 'encoding' | 'delimiter' | 'skip_lines'>) {
  return useQuery({
    queryKey: ['bill-headings', file?.name, file?.size, file?.lastModified, rules],
    queryFn: async () => (await preview({ ...nothing, ...rules }, await headOf(file!))).header,
    enabled: file !== undefined,
    staleTime: Infinity,
    retry: false,
  });
}

/** The first part of a file in Base64. */
async function headOf(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.slice(0, CHUNK_BYTES).arrayBuffer());
  let text = '';
  const piece = 0x8000;
  for (let at = 0; at < bytes.length; at += piece) text += String.fromCharCode(...bytes.subarray(at, at + piece));
  return btoa(text);
}

export interface Upload {
  content: Omit<Schemas['CreateBillImportRequest'], 'file_name' | 'bytes'>;
  file: File;
  /** Told how many parts have arrived. */
  onProgress: (received: number) => void;
}

/** Announces a file, sends it part by part and has it read. A part whose answer got lost is sent again: that is one part still. */
export function useUpload() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: async ({ content, file, onProgress }: Upload) => {
      const made = await call(() => api.POST('/v1/bill-imports', { body: { ...content, file_name: file.name, bytes: file.size } }));
      for (let n = 0; n < chunksOf(file.size); n++) {
        await sendPart(made, n, file.slice(n * CHUNK_BYTES, (n + 1) * CHUNK_BYTES));
        onProgress(n + 1);
      }
      return call(() => api.POST('/v1/bill-imports/{import_id}/finish', path(made)));
    },
    onSettled: () => refresh('bill-imports'),
  });
}

async function sendPart(to: Import, n: number, part: Blob): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await call(() =>
        api.PUT('/v1/bill-imports/{import_id}/chunks/{n}', {
          ...forTenant(to.tenant_id),
          params: { path: { import_id: to.id, n: String(n) } },
          headers: { ...forTenant(to.tenant_id).headers, 'Content-Type': 'application/octet-stream' },
          body: part as unknown as string,
          bodySerializer: (body) => body as unknown as Blob,
        }),
      );
      return;
    } catch (error) {
      if (!asApiError(error).inDoubt || attempt >= TRIES) throw error;
    }
  }
}

function path(i: Import) {
  return { params: { path: { import_id: i.id } }, ...forTenant(i.tenant_id) };
}

export function useImports(search: URLSearchParams) {
  const query = asked({ account_id: search.get('account') ?? undefined, cursor: search.get('cursor') ?? undefined });
  return useQuery({
    queryKey: ['bill-imports', query],
    queryFn: () => call(() => api.GET('/v1/bill-imports', { params: { query } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.items.some((i) => i.state === 'reading') ? READING_REFRESH_MS : LIST_REFRESH_MS),
  });
}

export function useImport(id: string) {
  return useQuery({
    queryKey: ['bill-import', id],
    queryFn: () => call(() => api.GET('/v1/bill-imports/{import_id}', { params: { path: { import_id: id } } })),
    refetchInterval: ({ state }) => (state.data && ['receiving', 'reading'].includes(state.data.import.state) ? READING_REFRESH_MS : false),
  });
}

export function useCancel(i: Import) {
  const refresh = useRefresh();
  return useMutation({ mutationFn: () => call(() => api.POST('/v1/bill-imports/{import_id}/cancel', path(i))), onSettled: () => refresh('bill-imports', 'bill-import') });
}

export function useErrorsFile(i: Import) {
  return useMutation({
    mutationFn: async () => saveFile((await call(() => api.GET('/v1/bill-imports/{import_id}/errors.csv', { ...path(i), parseAs: 'blob' }))) as Blob, `${i.file_name.replace(/\.[^.]*$/, '')}-errors.csv`),
  });
}
