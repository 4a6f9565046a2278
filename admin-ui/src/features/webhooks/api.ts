import { useMutation, useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/lib/api/client';
import type { DeliveriesQuery } from '@/lib/deliveries';
import { numberOrId } from '@/lib/numbers';
import { useRefresh } from '@/lib/queries';
import { daysFrom } from '@/lib/period';
import { asked, chosen } from '@/lib/useFilters';

export type Webhook = Schemas['Webhook'];
export type DeliveryDetail = Schemas['WebhookDeliveryDetail'];

export const deliveryStates: Schemas['WebhookDeliveryState'][] = ['pending', 'delivered', 'failed', 'canceled'];

const REFRESH_MS = 15_000;

// What shows an endpoint or what was sent to it.
const shown = ['webhooks', 'webhook-deliveries'];

export function useWebhooks() {
  return useQuery({ queryKey: ['webhooks'], queryFn: () => call(() => api.GET('/v1/webhooks')), select: (r) => ({ items: r.items }) });
}

export function useWebhook(id: string) {
  return useQuery({ queryKey: ['webhooks', id], queryFn: () => call(() => api.GET('/v1/webhooks/{webhook_id}', { params: { path: { webhook_id: id } } })) });
}

export function useSummary(id: string) {
  return useQuery({
    queryKey: ['webhooks', id, 'summary'],
    queryFn: () => call(() => api.GET('/v1/webhooks/{webhook_id}/summary', { params: { path: { webhook_id: id } } })),
    refetchInterval: REFRESH_MS,
  });
}

/** What the address bar says, as the API wants it. */
export function queryFrom(search: URLSearchParams): DeliveriesQuery {
  return asked<DeliveriesQuery>({
    state: chosen(search, 'state', deliveryStates),
    type: search.getAll('type').length > 0 ? search.getAll('type').slice(0, 20) : undefined,
    webhook_id: search.get('webhook') ?? undefined,
    ...numberOrId(search.get('number')),
    ...daysFrom(search),
    cursor: search.get('cursor') ?? undefined,
  });
}

export function useDelivery(id: string) {
  return useQuery({
    queryKey: ['webhook-deliveries', id],
    queryFn: () => call(() => api.GET('/v1/webhook-deliveries/{delivery_id}', { params: { path: { delivery_id: id } } })),
    refetchInterval: (query) => (query.state.data?.delivery.state === 'pending' ? 3_000 : false),
  });
}

export interface Settings {
  url: string;
  description: string;
  types: string[];
  enabled: boolean;
}

export function useCreate() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ enabled, ...settings }: Settings) => call(() => api.POST('/v1/webhooks', { body: { ...settings, disabled: !enabled } })),
    onSuccess: () => refresh(...shown),
  });
}

export function useUpdate(id: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (settings: Settings) => call(() => api.PUT('/v1/webhooks/{webhook_id}', { params: { path: { webhook_id: id } }, body: settings })),
    onSettled: () => refresh(...shown),
  });
}

export function useRemove(id: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => call(() => api.DELETE('/v1/webhooks/{webhook_id}', { params: { path: { webhook_id: id } } })),
    onSuccess: () => refresh(...shown),
  });
}

export function useRotate(id: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (hours: number) => call(() => api.POST('/v1/webhooks/{webhook_id}/secrets', { params: { path: { webhook_id: id } }, body: { overlap_hours: hours } })),
    onSuccess: () => refresh(...shown),
  });
}

export function useRemoveSecret(id: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (secret: string) => call(() => api.DELETE('/v1/webhooks/{webhook_id}/secrets/{secret_id}', { params: { path: { webhook_id: id, secret_id: secret } } })),
    onSettled: () => refresh(...shown),
  });
}

/** Sends a test and shows what the receiver answered. */
export function useTest(id: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => call(() => api.POST('/v1/webhooks/{webhook_id}/test', { params: { path: { webhook_id: id } } })),
    onSettled: () => refresh(...shown),
  });
}

export function useResendRange(id: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Schemas['ResendWebhookRequest']) => call(() => api.POST('/v1/webhooks/{webhook_id}/resend', { params: { path: { webhook_id: id } }, body })),
    onSettled: () => refresh(...shown),
  });
}
