import type { Schemas } from '@/lib/api/client';
import { type AmountProblem, parseYuan } from '@/lib/money';
import type { PayoutSpec } from './api';

/** The parts of a payee that a form asks for, by their names in the API. */
export const payeeFields = ['name', 'number', 'bank_name', 'branch_code', 'province', 'city', 'phone', 'id_number'] as const;
export type PayeeField = (typeof payeeFields)[number];

/** A payout as it stands in the form. */
export interface Draft {
  amount: string;
  source: string;
  channel: string;
  payeeType: string;
  payee: Partial<Record<PayeeField, string>>;
  purpose: string;
  merchantNo: string;
  extra: Record<string, string>;
  note: string;
}

export function emptyDraft(spec: PayoutSpec): Draft {
  return { amount: '', source: spec.sources[0]?.id ?? '', channel: '', payeeType: spec.payee_types[0]?.id ?? 'personal', payee: {}, purpose: '', merchantNo: '', extra: {}, note: '' };
}

export interface AskedField {
  name: PayeeField;
  required: boolean;
}

/** What is asked of this kind of payee: what the provider needs, and the bank always, for people to compare. */
export function fieldsOf(spec: PayoutSpec, payeeType: string): AskedField[] {
  const business = payeeType === 'business';
  return payeeFields.flatMap((name) => {
    const needed = name === 'name' || name === 'number' || (name === 'branch_code' && business) || spec.needs.includes(name);
    return needed || name === 'bank_name' ? [{ name, required: needed }] : [];
  });
}

export type Problem = 'missing' | 'tooLong' | 'digits' | 'checkDigit' | 'phone' | 'branch' | 'plain' | 'formula';

const most: Partial<Record<PayeeField, number>> = { name: 20, number: 20, id_number: 32 };

/** Card and account numbers are copied with spaces and dashes between their groups. */
export function plainNumber(text: string): string {
  return text.replace(/[\s-]/g, '');
}

/** Whether the check digit of a card number is right. */
export function luhn(number: string): boolean {
  const sum = [...number].reverse().reduce((total, digit, i) => {
    const n = Number(digit) * (i % 2 === 1 ? 2 : 1);
    return total + (n > 9 ? n - 9 : n);
  }, 0);
  return sum % 10 === 0;
}

/** What is wrong with one field of the payee; the server checks everything again. */
export function payeeProblem({ name, required }: AskedField, text: string, payeeType: string): Problem | undefined {
  const value = name === 'number' ? plainNumber(text) : text.trim();
  if (value === '') return required ? 'missing' : undefined;
  if (name === 'number' && payeeType !== 'business') {
    if (!/^\d{12,20}$/.test(value)) return 'digits';
    return luhn(value) ? undefined : 'checkDigit';
  }
  if (name === 'phone') return /^\d{11}$/.test(value) ? undefined : 'phone';
  if (name === 'branch_code') return /^\d{12}$/.test(value) ? undefined : 'branch';
  return textProblem(value, most[name] ?? 64);
}

function textProblem(value: string, longest: number): Problem | undefined {
  if ([...value].length > longest) return 'tooLong';
  return /^[=+\-@]/.test(value) ? 'formula' : undefined;
}

export interface Problems {
  amount?: AmountProblem;
  payee: Partial<Record<PayeeField, Problem>>;
  extra: Record<string, Problem>;
  purpose?: Problem;
  merchantNo?: Problem;
}

/** Everything that is wrong with a draft, by field. */
export function problemsOf(d: Draft, spec: PayoutSpec): Problems {
  const payee = Object.fromEntries(fieldsOf(spec, d.payeeType).flatMap((f) => {
    const problem = payeeProblem(f, d.payee[f.name] ?? '', d.payeeType);
    return problem ? [[f.name, problem]] : [];
  }));
  const extra = Object.fromEntries(spec.extra.flatMap((f) => {
    const value = (d.extra[f.name] ?? '').trim();
    const problem = value === '' ? (f.required ? 'missing' : undefined) : textProblem(value, f.max_length || 64);
    return problem ? [[f.name, problem] as const] : [];
  }));
  const no = d.merchantNo.trim();
  return {
    amount: parseYuan(d.amount).problem,
    payee,
    extra,
    purpose: textProblem(d.purpose.trim(), 64),
    merchantNo: no !== '' && !/^[\x21-\x7e]{1,64}$/.test(no) ? 'plain' : textProblem(no, 64),
  };
}

export function isSound(p: Problems): boolean {
  return !p.amount && !p.purpose && !p.merchantNo && Object.keys(p.payee).length === 0 && Object.keys(p.extra).length === 0;
}

/** The draft as the API wants it. Only a sound one may be asked for. */
export function requestOf(d: Draft, spec: PayoutSpec, accountId: string): Schemas['PayoutRequest'] {
  const payee = Object.fromEntries(fieldsOf(spec, d.payeeType).flatMap(({ name }) => {
    const text = d.payee[name] ?? '';
    const value = name === 'number' ? plainNumber(text) : text.trim();
    return value ? [[name, value]] : [];
  }));
  const extra = Object.fromEntries(Object.entries(d.extra).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
  const [merchantNo, purpose, note] = [d.merchantNo.trim(), d.purpose.trim(), d.note.trim()];
  return {
    account_id: accountId,
    amount: parseYuan(d.amount).fen ?? 0,
    source: d.source,
    ...(d.channel && { channel: d.channel }),
    ...(merchantNo && { merchant_payout_no: merchantNo }),
    ...(purpose && { purpose }),
    payee: { type: d.payeeType, ...payee } as Schemas['PayeeInput'],
    ...(Object.keys(extra).length > 0 && { extra }),
    ...(note && { note }),
  };
}
