import { useMutation, useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/lib/api/client';
import { type Payment, useAccounts, useProviders, useRefresh } from '@/lib/queries';

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
    queryKey: ['payment', id],
    queryFn: () => call(() => api.GET('/v1/payments/{payment_id}', { params: { path: { payment_id: id! } } })),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (!state.data || isOpen(state.data.payment) ? POLL_MS : false),
  });
}

export function useTillActions(id: string) {
  const refresh = useRefresh();
  const path = { payment_id: id };
  const settled = { onSettled: () => refresh('payment', 'payments') };
  const sync = useMutation({ mutationFn: () => call(() => api.POST('/v1/payments/{payment_id}/sync', { params: { path } })), ...settled });
  const cancel = useMutation({ mutationFn: () => call(() => api.POST('/v1/payments/{payment_id}/cancel', { params: { path }, body: {} })), ...settled });
  return { sync, cancel };
}

export interface TillMethod {
  method: string;
  name: Schemas['Text'];
  channels: Schemas['Channel'][];
  channelRequired: boolean;
}

// What the console has a form for; other methods belong to the merchant's own pages and programs.
const offered = ['barcode', 'qr'];

/**
 * The ways to pay at this till: what the manifests of the live accounts offer. Who may not read
 * accounts (a cashier) sees what the running plugins offer; the server routes either way.
 */
export function useTillMethods(tenantId: string | undefined): { methods: TillMethod[]; pending: boolean } {
  const providers = useProviders();
  const accounts = useAccounts(tenantId);
  const live = accounts.data && new Set(accounts.data.filter((a) => a.status === 'live').map((a) => a.provider));
  const found = new Map<string, TillMethod>();
  for (const provider of providers.data ?? []) {
    if (live ? !live.has(provider.id) : provider.state !== 'enabled') continue;
    for (const spec of provider.manifest?.products.flatMap((p) => p.methods) ?? []) {
      const before = found.get(spec.method);
      const channels = [...(before?.channels ?? []), ...spec.channels.filter((c) => !before?.channels.some((b) => b.id === c.id))];
      found.set(spec.method, { method: spec.method, name: before?.name ?? spec.name, channels, channelRequired: spec.channel_required || (before?.channelRequired ?? false) });
    }
  }
  const methods = offered.flatMap((m) => found.get(m) ?? []);
  return { methods, pending: providers.isPending || (accounts.isPending && accounts.fetchStatus !== 'idle') };
}
