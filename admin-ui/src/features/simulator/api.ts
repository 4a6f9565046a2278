import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/lib/api/client';
import { useMay } from '@/lib/permissions';
import { useRefresh } from '@/lib/queries';
import { useSession } from '@/lib/session';

export type SimulatedProvider = Schemas['SimulatedProvider'];
export type FaultKind = Schemas['FaultKind'];
export type Act = Schemas['PayerAct']['act'];

const KEY = ['simulator'];
const LIVE_MS = 3_000;

export function useSimulation() {
  return useQuery({ queryKey: KEY, queryFn: () => call(() => api.GET('/v1/simulator')), select: (r) => r.items, refetchInterval: LIVE_MS });
}

export function useSwitchFault() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas['FaultRequest']) => call(() => api.PUT('/v1/simulator/faults', { body })),
    onSuccess: (simulation) => client.setQueryData(KEY, simulation),
  });
}

/** The merchant's payments that have no end yet. */
export function useWaiting() {
  const { tenantId } = useSession();
  return useQuery({
    queryKey: ['payments', 'simulator', tenantId],
    queryFn: () => call(() => api.GET('/v1/payments', { params: { query: { state: ['requires_action', 'processing'], limit: 20 } } })),
    select: (r) => r.items,
    refetchInterval: LIVE_MS,
    enabled: Boolean(tenantId),
  });
}

export function useAct() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ payment, act }: { payment: string; act: Act }) => call(() => api.POST('/v1/simulator/payments/{payment_id}', { params: { path: { payment_id: payment } }, body: { act } })),
    onSettled: () => refresh('payments'),
  });
}

/** The provider that takes a payer's code from this merchant: the default account's comes first. */
export function useCodeTaker(): string | undefined {
  const { tenantId } = useSession();
  const enabled = useMay()('payments:create') && Boolean(tenantId);
  const methods = useQuery({ queryKey: ['payment-methods', tenantId], queryFn: () => call(() => api.GET('/v1/payment-methods')), staleTime: 30_000, enabled });
  return methods.data?.items.find((m) => m.payer_codes.length > 0)?.provider;
}

/** A code of the payer that nobody has shown before. */
export function codeOf({ prefix, suffix, length }: Pick<Schemas['SimulatedPayer'], 'prefix' | 'suffix' | 'length'>): string {
  const random = crypto.getRandomValues(new Uint8Array(Math.max(0, length - prefix.length - suffix.length)));
  return prefix + Array.from(random, (b) => b % 10).join('') + suffix;
}
