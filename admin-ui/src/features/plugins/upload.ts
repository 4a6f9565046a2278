import { useMutation } from '@tanstack/react-query';
import { api, call, callOnce, type Schemas } from '@/lib/api/client';
import { ApiError, asApiError } from '@/lib/api/error';
import { useRefresh } from '@/lib/queries';

type Announced = Schemas['PluginUpload'];

/** Every part of a file has this size, the last one what is left. */
const CHUNK_BYTES = 1 << 20;

/** How large a plugin's file may be. */
export const MAX_BYTES = 128 << 20;

const TRIES = 3;

/** How far an upload is: its parts that have arrived, of how many. */
export interface Progress {
  sha256?: string;
  received: number;
  parts: number;
}

export interface Upload {
  file: File;
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/** What the file is called in the plugin directory: its own name, without what no name there may have. */
export function nameInDirectory(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '').slice(0, 60) || 'plugin';
}

/** Whether this browser can hash a file here: it does so over HTTPS and on this machine only. */
export function canHash(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}

/** Hashes a file, announces it, sends it part by part and gives it to the nodes. A part whose answer got lost is sent again: that is one part still. */
export function useUpload() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: async ({ file, signal, onProgress }: Upload) => {
      const parts = Math.ceil(file.size / CHUNK_BYTES);
      const sha256 = await hashOf(file);
      signal.throwIfAborted();
      onProgress({ sha256, received: 0, parts });
      const made = await call(() => api.POST('/v1/plugin-uploads', { body: { file_name: nameInDirectory(file.name), sha256, bytes: file.size } }));
      try {
        for (let n = 0; n < parts; n++) {
          await sendPart(made, n, file.slice(n * CHUNK_BYTES, (n + 1) * CHUNK_BYTES), signal);
          onProgress({ sha256, received: n + 1, parts });
        }
        return await call(() => api.POST('/v1/plugin-uploads/{upload_id}/finish', path(made)));
      } catch (error) {
        await forget(made, error);
        throw error;
      }
    },
    onSettled: () => refresh('plugins'),
  });
}

async function hashOf(file: File): Promise<string> {
  const sum = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function sendPart(to: Announced, n: number, part: Blob, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      await call(() =>
        api.PUT('/v1/plugin-uploads/{upload_id}/chunks/{n}', {
          params: { path: { upload_id: to.id, n: String(n) } },
          headers: { 'Content-Type': 'application/octet-stream' },
          body: part as unknown as string,
          bodySerializer: (body) => body as unknown as Blob,
          signal,
        }),
      );
      return;
    } catch (error) {
      if (signal.aborted || !asApiError(error).inDoubt || attempt >= TRIES) throw error;
    }
  }
}

/** Gives an upload up that was canceled or refused, so that it takes no other's place. What cannot be reached now ends by itself. */
async function forget(made: Announced, because: unknown): Promise<void> {
  if (because instanceof ApiError && because.inDoubt) return;
  await callOnce(() => api.DELETE('/v1/plugin-uploads/{upload_id}', path(made))).catch(() => undefined);
}

function path(upload: Announced) {
  return { params: { path: { upload_id: upload.id } } };
}
