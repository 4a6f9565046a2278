import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { api, call, forTenant } from '@/lib/api/client';
import type { paths } from '@/lib/api/schema.gen';
import { neededApprovals } from '@/lib/approvalTiers';
import { byClock } from '@/lib/live';
import { type Payment, useApprovalTiers, useRefresh } from '@/lib/queries';
import { useSession } from '@/lib/session';

type Query = NonNullable<paths['/v1/payments']['get']['parameters']['query']>;

const LIST_REFRESH_MS = 15_000;
const OPEN_REFRESH_MS = 3_000;

export function usePayments(query: Query) {
  return useQuery({
    queryKey: ['payments', query],
    queryFn: () => call(() => api.GET('/v1/payments', { params: { query } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
    // Only the newest page lives; an older one does not change under the reader's eyes.
    refetchInterval: () => (query.cursor ? false : byClock(LIST_REFRESH_MS)),
  });
}

/** Whether the outcome of a payment may still change by itself soon. */
export function isOpen(p: Pick<Payment, 'state' | 'unknown'>): boolean {
  return p.unknown || p.state === 'requires_action' || p.state === 'processing';
}

export function usePayment(id: string) {
  return useQuery({
    queryKey: ['payment', id],
    queryFn: () => call(() => api.GET('/v1/payments/{payment_id}', { params: { path: { payment_id: id } } })),
    refetchInterval: ({ state }) => {
      if (!state.data) return false;
      const { payment, refunds } = state.data;
      if (isOpen(payment) || refunds.some((r) => r.state === 'processing')) return byClock(OPEN_REFRESH_MS);
      return refunds.some((r) => r.state === 'pending_approval') ? byClock(LIST_REFRESH_MS) : false;
    },
  });
}

const sync = (payment: Payment) => call(() => api.POST('/v1/payments/{payment_id}/sync', { params: { path: { payment_id: payment.id } }, ...forTenant(payment.tenant_id) }));

export function useSyncPayment(payment: Payment) {
  const refresh = useRefresh();
  return useMutation({ mutationFn: () => sync(payment), onSettled: () => refresh('payment', 'payments') });
}

/** Asks about one of several; a question changes nothing at the provider, so it may be asked again. */
export function useSyncPayments() {
  const refresh = useRefresh();
  return useMutation({ mutationFn: sync, onSettled: () => refresh('payment', 'payments') });
}

export function useCancelPayment(payment: Payment) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (reason: string) =>
      call(() => api.POST('/v1/payments/{payment_id}/cancel', { params: { path: { payment_id: payment.id } }, body: reason ? { reason } : {}, ...forTenant(payment.tenant_id) })),
    onSettled: () => refresh('payment', 'payments'),
  });
}

/** How many other people must agree to a refund of this many fen by the signed-in person. */
export function useNeededForRefund(tenantId: string, fen: number): number {
  const { me } = useSession();
  const tiers = useApprovalTiers(tenantId).data ?? [];
  const roles = (me.user?.roles ?? []).filter((r) => !r.tenant_id || r.tenant_id === tenantId).map((r) => r.role);
  return neededApprovals(tiers, 'refund', roles, fen);
}

export interface RefundContent {
  amount: number;
  reason: string;
}

export function useCreateRefund(payment: Payment) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ content, key }: { content: RefundContent; key: string }) =>
      call(() =>
        api.POST('/v1/refunds', {
          params: { header: { 'Idempotency-Key': key, Prefer: 'wait=10' } },
          body: { payment_id: payment.id, ...content },
          ...forTenant(payment.tenant_id),
        }),
      ),
    onSettled: () => refresh('payment', 'payments', 'refunds', 'approvals'),
  });
}
