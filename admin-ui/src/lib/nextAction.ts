import { useMutation } from '@tanstack/react-query';
import { api, call, forTenant, type Schemas } from './api/client';
import { asApiError } from './api/error';
import { type Payment, useProviders, useRefresh } from './queries';

/** What a payment may ask of its payer. Others are unknown to this console and not shown. */
const known = ['show_qr', 'redirect', 'form_post', 'html', 'invoke_wallet', 'enter_code'] as const;
export type StepKind = (typeof known)[number];

export type Step = Omit<Schemas['NextAction'], 'type'> & { type: StepKind };

type Asking = Pick<Payment, 'state' | 'unknown' | 'unknown_reason' | 'next_action'>;

/**
 * What has to happen for a payment now. Nothing when it awaits nothing, and nothing while its
 * outcome is in doubt: it may have been paid. An order that the payer's own browser brings to the
 * provider is not known there before that, and is no less payable for it.
 */
export function stepOf(p: Asking): Step | undefined {
  const type = known.find((kind) => kind === p.next_action?.type);
  if (!type || !p.next_action || p.state !== 'requires_action') return undefined;
  if (p.unknown && !(p.unknown_reason === 'not_known_yet' && type === 'form_post')) return undefined;
  return { ...p.next_action, type };
}

/** Whether a browser opens the address as a page: no wallet's own scheme, and never a script. */
export function isPage(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

/** Whether the text can be the code a payer received; the server checks it too. */
export function isCode(text: string): boolean {
  return /^\d{4,8}$/.test(text);
}

/** How many seconds the provider wants to wait before it is asked again, by its refusal. */
export function secondsToWait(error: unknown): number {
  const { code, args } = asApiError(error);
  const seconds = code === 'too_early' ? Number(args.seconds) : 0;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : 0;
}

/** Hands in the code the payer received. */
export function useConfirmPayment(payment: Payment) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (code: string) =>
      call(() => api.POST('/v1/payments/{payment_id}/confirm', { params: { path: { payment_id: payment.id } }, body: { code }, ...forTenant(payment.tenant_id) })),
    onSettled: () => refresh('payment', 'payments'),
  });
}

/** Has the payer sent another code. */
export function useResendCode(payment: Payment) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => call(() => api.POST('/v1/payments/{payment_id}/resend-code', { params: { path: { payment_id: payment.id } }, ...forTenant(payment.tenant_id) })),
    onSettled: () => refresh('payment', 'payments'),
  });
}

/**
 * Whether the payment's provider sends a second code, and how many seconds it wants in between.
 * Who may not read manifests is offered it: the server refuses what is not there.
 */
export function useResendRule({ provider, method }: Pick<Payment, 'provider' | 'method'>): { offered: boolean; seconds: number } {
  const manifest = useProviders().data?.find((p) => p.id === provider)?.manifest;
  const product = manifest?.products.find((p) => p.methods.some((m) => m.method === method));
  return { offered: product?.capabilities.includes('resend_code') ?? true, seconds: manifest?.resend_seconds ?? 0 };
}
