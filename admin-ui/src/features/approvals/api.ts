import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { api, call, forTenant, type Schemas } from '@/lib/api/client';
import type { paths } from '@/lib/api/schema.gen';
import { byClock } from '@/lib/live';
import { useMay } from '@/lib/permissions';
import { useRefresh } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { asked, chosen } from '@/lib/useFilters';

export type Approval = Schemas['Approval'];
type Query = NonNullable<paths['/v1/approvals']['get']['parameters']['query']>;

export const approvalKinds: Schemas['ApprovalKind'][] = ['refund', 'payout', 'payout_batch', 'resolution', 'correction'];
const decided: Schemas['ApprovalState'][] = ['approved', 'rejected', 'expired', 'withdrawn'];

const REFRESH_MS = 15_000;
const COUNTED = 100;

/** What the address bar says, as the API wants it: what waits, or what has ended. */
export function queryFrom(search: URLSearchParams): Query {
  return asked<Query>({
    state: search.get('view') === 'history' ? decided : ['pending'],
    kind: chosen(search, 'kind', approvalKinds),
    cursor: search.get('cursor') ?? undefined,
  });
}

export function useApprovals(query: Query) {
  return useQuery({
    queryKey: ['approvals', query],
    queryFn: () => call(() => api.GET('/v1/approvals', { params: { query } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
    refetchInterval: () => (query.cursor ? false : byClock(REFRESH_MS)),
  });
}

export function useApproval(id: string) {
  return useQuery({
    queryKey: ['approval', id],
    queryFn: () => call(() => api.GET('/v1/approvals/{approval_id}', { params: { path: { approval_id: id } } })),
    refetchInterval: ({ state }) => (state.data?.state === 'pending' ? byClock(REFRESH_MS) : false),
  });
}

/** How one person stands to an approval. */
export type Standing = 'over' | 'late' | 'mine' | 'answered' | 'decide' | 'look';

export function standing(a: Approval, actor: string, mayDecide: boolean, now: number): Standing {
  if (a.state !== 'pending') return 'over';
  if (new Date(a.expires_at).getTime() <= now) return 'late';
  if (a.made_by === actor) return 'mine';
  if (a.decisions.some((d) => d.actor === actor)) return 'answered';
  return mayDecide ? 'decide' : 'look';
}

/** How the signed-in person stands to approvals. */
export function useStanding(): (a: Approval, now: number) => Standing {
  const { me } = useSession();
  const mayDecide = useMay()('approvals:decide');
  return (a, now) => standing(a, `user:${me.user?.id}`, mayDecide, now);
}

/** How many approvals wait for the signed-in person's own answer. */
export function useWaitingApprovals(): number {
  const enabled = useMay()('approvals:decide');
  const stand = useStanding();
  const page = useQuery({
    queryKey: ['approvals', 'waiting'],
    queryFn: () => call(() => api.GET('/v1/approvals', { params: { query: { state: ['pending'], limit: COUNTED } } })),
    refetchInterval: () => byClock(REFRESH_MS * 2),
    enabled,
  });
  const now = page.dataUpdatedAt;
  return page.data?.items.filter((a) => stand(a, now) === 'decide').length ?? 0;
}

// What shows an approval, or what it is about.
const shown = ['approvals', 'approval', 'payment', 'payments', 'refund', 'refunds', 'payouts', 'payout-batches', 'case', 'cases'];

export interface Answer {
  approval: Approval;
  agree: boolean;
  note: string;
}

/** Answers, one approval at a time. */
export function useDecide() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ approval, agree, note }: Answer) =>
      call(() =>
        api.POST('/v1/approvals/{approval_id}/decide', { params: { path: { approval_id: approval.id } }, body: { agree, ...(note ? { note } : {}) }, ...forTenant(approval.tenant_id) }),
      ),
    onSettled: () => refresh(...shown),
  });
}

/** Takes one's own request back. */
export function useWithdraw(approval: Approval) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => call(() => api.POST('/v1/approvals/{approval_id}/withdraw', { params: { path: { approval_id: approval.id } }, ...forTenant(approval.tenant_id) })),
    onSettled: () => refresh(...shown),
  });
}

export function useSetTiers(tenantId: string | undefined) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (tiers: Schemas['ApprovalTierRequest'][]) => call(() => api.PUT('/v1/approval-tiers', { body: { tiers }, ...forTenant(tenantId) })),
    onSettled: () => refresh('approval-tiers'),
  });
}
