import { useMutation, useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/lib/api/client';
import { useAccounts, useProviders, useRefresh } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { asked, chosen } from '@/lib/useFilters';

export type SavedCard = Schemas['SavedCard'];
export const cardStates: Schemas['CardState'][] = ['bound', 'pending', 'unbound', 'failed'];

export function useCards(search: URLSearchParams) {
  const { tenantId } = useSession();
  const query = asked({ user_ref: search.get('user') ?? undefined, state: chosen(search, 'state', cardStates)?.[0], cursor: search.get('cursor') ?? undefined });
  return useQuery({
    queryKey: ['cards', tenantId, query],
    queryFn: () => call(() => api.GET('/v1/cards', { params: { query } })),
    select: (r) => ({ items: r.items, nextCursor: r.next_cursor }),
    enabled: Boolean(tenantId),
  });
}

/** The live accounts whose provider keeps cards. */
export function useCardAccounts(): Schemas['Account'][] {
  const { tenantId } = useSession();
  const providers = useProviders().data ?? [];
  const binds = (id: string) => providers.find((p) => p.id === id)?.manifest?.products.some((p) => p.capabilities.includes('bind_card')) ?? false;
  return (useAccounts(tenantId).data ?? []).filter((a) => a.status === 'live' && binds(a.provider));
}

export function useBindCard() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Schemas['BindCardRequest']) => call(() => api.POST('/v1/cards', { body })),
    onSettled: () => refresh('cards'),
  });
}

/** Hands in the code. The card goes with it once more: nobody kept it. */
export function useConfirmCard() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ id, ...body }: Schemas['ConfirmCardRequest'] & { id: string }) => call(() => api.POST('/v1/cards/{card_id}/confirm', { params: { path: { card_id: id } }, body })),
    onSettled: () => refresh('cards'),
  });
}

export function useCardActions(id: string) {
  const refresh = useRefresh();
  const path = { card_id: id };
  const settled = { onSettled: () => refresh('cards') };
  const sync = useMutation({ mutationFn: () => call(() => api.POST('/v1/cards/{card_id}/sync', { params: { path } })), ...settled });
  const unbind = useMutation({ mutationFn: () => call(() => api.DELETE('/v1/cards/{card_id}', { params: { path } })), ...settled });
  return { sync, unbind };
}
