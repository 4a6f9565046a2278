import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { api, call, forTenant, type Schemas } from '@/lib/api/client';
import type { paths } from '@/lib/api/schema.gen';
import { byClock } from '@/lib/live';
import { useRefresh } from '@/lib/queries';

export type Delivery = Schemas['WebhookDelivery'];
export type DeliveriesQuery = NonNullable<paths['/v1/webhook-deliveries']['get']['parameters']['query']>;

const REFRESH_MS = 15_000;

/** Messages to a merchant's programs: those of the chosen merchant, or of the one named. */
export function useDeliveries(query: DeliveriesQuery, tenantId?: string) {
  return useQuery({
    queryKey: ['webhook-deliveries', query, tenantId],
    queryFn: () => call(() => api.GET('/v1/webhook-deliveries', { params: { query }, ...forTenant(tenantId) })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
    refetchInterval: () => (query.cursor ? false : byClock(REFRESH_MS)),
  });
}

export function useResend(tenantId?: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (id: string) => call(() => api.POST('/v1/webhook-deliveries/{delivery_id}/resend', { params: { path: { delivery_id: id } }, ...forTenant(tenantId) })),
    onSettled: () => refresh('webhooks', 'webhook-deliveries'),
  });
}

/** What webhooks can be told of, with a sentence for each. */
export function useEventTypes() {
  return useQuery({ queryKey: ['event-types'], queryFn: () => call(() => api.GET('/v1/event-types')), select: (r) => r.items, staleTime: Infinity });
}

// What the server says of a message that did not arrive, by words of its sentence.
const signs: [RegExp, string][] = [
  [/no reply came in time/, 'timeout'],
  [/connection was refused/, 'refused'],
  [/broke off/, 'broken'],
  [/no way to it/, 'noRoute'],
  [/certificate/, 'certificate'],
  [/does not speak TLS/, 'tls'],
  [/leads to no address/, 'noName'],
  [/^Nothing is sent to this address/, 'notAllowed'],
  [/not kept any more/, 'gone'],
];

/** Why a message was not taken, in the user's language; the server's own sentence where it is a new one. */
export function failureSentence(t: TFunction, status: number | undefined, error: string): string {
  if (status && status >= 300 && status < 400) return t('webhooks.failures.redirect', { status });
  if (status) return t('webhooks.failures.answered', { status });
  const found = signs.find(([sign]) => sign.test(error));
  return found ? t(`webhooks.failures.${found[1]}`) : error;
}
