import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call, type Schemas } from './api/client';

/** What the signed-in person has set for themselves, kept on the server: it is there in every browser. */

type List = Schemas['UserSettingList'];

const KEY = ['user-settings'];
const FRESH_MS = 60_000;

function withSetting(list: List | undefined, name: string, value: unknown): List {
  const others = (list?.items ?? []).filter((s) => s.name !== name);
  return { items: value === undefined ? others : [...others, { name, value, updated_at: new Date().toISOString() }] };
}

/** One setting: what it is (undefined when nothing is set), and how it is changed or taken away (undefined). */
export function useUserSetting(name: string): { value: unknown; pending: boolean; keep: (value: unknown) => void; error: unknown } {
  const client = useQueryClient();
  const query = useQuery({ queryKey: KEY, queryFn: () => call(() => api.GET('/v1/user-settings')), staleTime: FRESH_MS, retry: false });
  const change = useMutation({
    // One after the other: the last choice is the one that stays.
    scope: { id: 'user-settings' },
    mutationFn: async (value: unknown): Promise<void> => {
      const path = { params: { path: { name } } };
      if (value === undefined) await call(() => api.DELETE('/v1/user-settings/{name}', path));
      else await call(() => api.PUT('/v1/user-settings/{name}', { ...path, body: { value } }));
    },
    onMutate: async (value) => {
      await client.cancelQueries({ queryKey: KEY });
      client.setQueryData<List>(KEY, (list) => withSetting(list, name, value));
    },
    // What could not be kept is shown as the server has it.
    onError: () => client.invalidateQueries({ queryKey: KEY }),
  });
  return { value: query.data?.items.find((s) => s.name === name)?.value, pending: query.isPending, keep: (value) => change.mutate(value), error: change.error };
}
