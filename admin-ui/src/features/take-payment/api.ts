import { useMutation, useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/lib/api/client';
import { byClock } from '@/lib/live';
import { useMay } from '@/lib/permissions';
import { type Payment, useRefresh } from '@/lib/queries';
import { useSession } from '@/lib/session';

const POLL_MS = 1_500;
// Long enough for most wallets to answer, short enough that the till says "waiting" soon.
const WAIT_SECONDS = 3;

export type PaymentContent = Omit<Schemas['PaymentRequest'], 'currency'>;

export function useCreatePayment() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ content, key }: { content: PaymentContent; key: string }) =>
      call(() => api.POST('/v1/payments', { params: { header: { 'Idempotency-Key': key, Prefer: `wait=${WAIT_SECONDS}` } }, body: content })),
    onSettled: () => refresh('payments', 'summary'),
  });
}

/** Whether the till has to go on looking. */
export function isOpen(p: Pick<Payment, 'state' | 'unknown'>): boolean {
  return p.unknown || p.state === 'requires_action' || p.state === 'processing';
}

/** The payment as it stands now, asked again and again until it is settled. */
export function useLivePayment(id: string | undefined) {
  return useQuery({
    queryKey: ['payments', 'till', id],
    queryFn: () => call(() => api.GET('/v1/payments/{payment_id}', { params: { path: { payment_id: id! } } })),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (!state.data || isOpen(state.data.payment) ? byClock(POLL_MS) : false),
  });
}

export function useTillActions(id: string) {
  const refresh = useRefresh();
  const path = { payment_id: id };
  const settled = { onSettled: () => refresh('payments') };
  const sync = useMutation({ mutationFn: () => call(() => api.POST('/v1/payments/{payment_id}/sync', { params: { path } })), ...settled });
  const cancel = useMutation({ mutationFn: () => call(() => api.POST('/v1/payments/{payment_id}/cancel', { params: { path }, body: {} })), ...settled });
  return { sync, cancel };
}

/** What the merchant's live accounts offer, and whose plugin does not run now. */
export function usePaymentMethods() {
  const { tenantId } = useSession();
  return useQuery({ queryKey: ['payment-methods', tenantId], queryFn: () => call(() => api.GET('/v1/payment-methods')), staleTime: 30_000 });
}

const UNFINISHED_MS = 60 * 60 * 1000;

/** Payments of the last hour that may have been paid: whoever takes money here must know of them. */
export function useUnfinished() {
  const { tenantId } = useSession();
  const enabled = useMay()('payments:read');
  return useQuery({
    queryKey: ['payments', 'unfinished', tenantId],
    queryFn: () =>
      call(() => api.GET('/v1/payments', { params: { query: { state: ['processing', 'requires_action'], from: new Date(Date.now() - UNFINISHED_MS).toISOString(), limit: 50 } } })),
    select: (r) => r.items.filter((p) => p.unknown || p.state === 'processing'),
    refetchInterval: () => byClock(5_000),
    enabled,
  });
}

/** Cards that payers had kept, to be charged again. */
export function useBoundCards() {
  const { tenantId } = useSession();
  const enabled = useMay()('cards:read');
  return useQuery({ queryKey: ['cards', 'bound', tenantId], queryFn: () => call(() => api.GET('/v1/cards', { params: { query: { state: 'bound', limit: 100 } } })), select: (r) => r.items, enabled });
}
