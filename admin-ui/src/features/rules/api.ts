import { useMutation, useQuery } from '@tanstack/react-query';
import { api, call, forTenant, type Schemas } from '@/lib/api/client';
import { type Permission, useMay } from '@/lib/permissions';
import { useRefresh } from '@/lib/queries';

export type Limit = Schemas['SpendingLimit'];
export type Freeze = Schemas['Freeze'];
export type FeeRate = Schemas['FeeRate'];

/** Whether a merchant's rules of a kind can be asked for. */
function useAsked(tenantId: string | undefined, may: Permission): boolean {
  return useMay()(may) && Boolean(tenantId);
}

export function useLimits(tenantId: string | undefined) {
  const enabled = useAsked(tenantId, 'limits:read');
  return useQuery({ queryKey: ['limits', tenantId], queryFn: () => call(() => api.GET('/v1/limits', forTenant(tenantId))), enabled });
}

export function useSetLimit(tenantId: string | undefined) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Schemas['LimitRequest']) => call(() => api.PUT('/v1/limits', { body, ...forTenant(tenantId) })),
    onSuccess: () => refresh('limits'),
  });
}

export function useFreezes(tenantId: string | undefined, inForce: boolean) {
  const enabled = useAsked(tenantId, 'freezes:read');
  return useQuery({
    queryKey: ['freezes', tenantId, inForce],
    queryFn: () => call(() => api.GET('/v1/freezes', { params: { query: inForce ? { in_force: true } : {} }, ...forTenant(tenantId) })),
    enabled,
  });
}

export function useFreeze(tenantId: string | undefined) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Schemas['FreezeRequest']) => call(() => api.POST('/v1/freezes', { body, ...forTenant(tenantId) })),
    onSuccess: () => refresh('freezes'),
  });
}

export function useLift(tenantId: string | undefined) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ id, reason }: { id: string; reason: string }) => call(() => api.POST('/v1/freezes/{freeze_id}/lift', { params: { path: { freeze_id: id } }, body: { reason }, ...forTenant(tenantId) })),
    onSuccess: () => refresh('freezes'),
  });
}

export function useFeeRates(tenantId: string | undefined) {
  const enabled = useAsked(tenantId, 'fees:read');
  return useQuery({ queryKey: ['fee-rates', tenantId], queryFn: () => call(() => api.GET('/v1/fee-rates', forTenant(tenantId))), enabled });
}

export function useAddRate(tenantId: string | undefined) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Schemas['FeeRateRequest']) => call(() => api.POST('/v1/fee-rates', { body, ...forTenant(tenantId) })),
    onSuccess: () => refresh('fee-rates'),
  });
}

export function useEndRate(tenantId: string | undefined) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ id, at }: { id: string; at?: string }) => call(() => api.POST('/v1/fee-rates/{fee_rate_id}/end', { params: { path: { fee_rate_id: id } }, body: at ? { valid_to: at } : {}, ...forTenant(tenantId) })),
    onSuccess: () => refresh('fee-rates'),
  });
}

export function useCalendar(year: number) {
  return useQuery({ queryKey: ['calendar', year], queryFn: () => call(() => api.GET('/v1/calendar/{year}', { params: { path: { year: String(year) } } })) });
}

export function useSetCalendar(year: number) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (csv: string) => call(() => api.PUT('/v1/calendar/{year}', { params: { path: { year: String(year) } }, body: { csv } })),
    onSuccess: () => refresh('calendar'),
  });
}
