import { type CardValues, cardInput, cardProblems, noCard } from '@/components/CardFields';
import { type AmountProblem, parseYuan } from '@/lib/money';
import type { PaymentContent } from './api';
import type { TillMethod } from './offers';

/** What stands in the till's fields. */
export interface TillValues {
  amount: string;
  code: string;
  channel?: string;
  subject: string;
  orderNo: string;
  store?: string;
  terminal?: string;
  payerId: string;
  returnUrl: string;
  clientIp: string;
  card: CardValues;
  userRef: string;
  boundCard?: string;
  extra: Record<string, string>;
}

export const emptyValues = (origin: string): TillValues => ({
  amount: '', code: '', subject: '', orderNo: '', payerId: '', returnUrl: `${origin}/`, clientIp: '', card: noCard, userRef: '', extra: {},
});

export type Problem = AmountProblem | ReturnType<typeof cardProblems>[keyof ReturnType<typeof cardProblems>] | 'codeRequired' | 'channelRequired' | 'boundCardRequired' | 'scannedAmount';

/** What is wrong with the fields that a method shows, by the API's names of them; empty when it can be sent. */
export function problemsOf(method: TillMethod, values: TillValues): Record<string, Problem> {
  const problems: Record<string, Problem | undefined> = { amount: parseYuan(values.amount).problem };
  const needs = (need: TillMethod['needs'][number]) => method.needs.includes(need);
  if (needs('payer_code') && !plainCode(values)) problems.payer_code = 'codeRequired';
  if (!needs('payer_code') && method.channelRequired && !values.channel) problems.channel = 'channelRequired';
  if (needs('return_url') && !values.returnUrl.trim()) problems.return_url = 'required';
  if (needs('client_ip') && !values.clientIp.trim()) problems.client_ip = 'required';
  if (needs('bound_card') && !values.boundCard) problems.bound_card_id = 'boundCardRequired';
  if (needs('card')) for (const [field, problem] of Object.entries(cardProblems(values.card))) problems[`card.${field}`] = problem;
  for (const field of method.extra) if (field.required && !values.extra[field.name]?.trim()) problems[`extra.${field.name}`] = 'required';
  return Object.fromEntries(Object.entries(problems).filter((entry): entry is [string, Problem] => entry[1] !== undefined));
}

/** The code without the blanks that some scanners put between its groups. */
export const plainCode = (values: Pick<TillValues, 'code'>) => values.code.replaceAll(/\s/g, '');

/** The payment to ask for. Fields that the method does not show are not sent. */
export function contentOf(method: TillMethod, values: TillValues, fen: number, defaultSubject: string): PaymentContent {
  const { needs } = method;
  const extra = Object.fromEntries(method.extra.map((f) => [f.name, values.extra[f.name]?.trim() ?? '']).filter(([, value]) => value));
  return {
    method: method.method,
    amount: fen,
    subject: values.subject.trim() || defaultSubject,
    ...(needs.includes('payer_code') ? { payer_code: plainCode(values) } : values.channel ? { channel: values.channel } : {}),
    ...(needs.includes('payer_id') && values.payerId.trim() ? { payer_id: values.payerId.trim() } : {}),
    ...(needs.includes('return_url') ? { return_url: values.returnUrl.trim() } : {}),
    ...(needs.includes('client_ip') ? { client_ip: values.clientIp.trim() } : {}),
    ...(needs.includes('card') ? { card: cardInput(values.card), ...(values.userRef.trim() ? { user_ref: values.userRef.trim() } : {}) } : {}),
    ...(needs.includes('bound_card') ? { bound_card_id: values.boundCard } : {}),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
    ...(values.store ? { store_id: values.store } : {}),
    ...(values.terminal ? { terminal_id: values.terminal } : {}),
    ...(values.orderNo.trim() ? { merchant_order_no: values.orderNo.trim() } : {}),
  };
}
