import type { Schemas } from '@/lib/api/client';
import { type AmountProblem, fenToInput, parseYuan } from '@/lib/money';

// A day's sum may be larger than one amount: what the server takes.
const MAX_DAILY = 999_999_999_999_999n;

/** An amount that may be left empty: fen is undefined then. */
export function optionalFen(text: string, max?: bigint): { fen?: number; problem?: AmountProblem } {
  if (text.trim() === '') return {};
  return parseYuan(text, max);
}

export interface LimitDraft {
  account?: string;
  method?: string;
  spending: Schemas['Spending'];
  /** Yuan as typed; empty: no such limit. */
  single: string;
  daily: string;
}

export function limitDraft(limit?: Schemas['SpendingLimit']): LimitDraft {
  if (!limit) return { spending: 'payment', single: '', daily: '' };
  return {
    account: limit.account_id,
    method: limit.method,
    spending: limit.spending,
    single: limit.single ? fenToInput(limit.single) : '',
    daily: limit.daily ? fenToInput(limit.daily) : '',
  };
}

export interface LimitProblems {
  single?: AmountProblem | 'overDaily' | 'none';
  daily?: AmountProblem;
}

/** What is wrong with a limit before it is sent; the server checks everything again. */
export function limitProblems(d: LimitDraft): LimitProblems {
  const single = optionalFen(d.single);
  const daily = optionalFen(d.daily, MAX_DAILY);
  if (single.problem || daily.problem) return { ...(single.problem ? { single: single.problem } : {}), ...(daily.problem ? { daily: daily.problem } : {}) };
  if (single.fen === undefined && daily.fen === undefined) return { single: 'none' };
  if (single.fen !== undefined && daily.fen !== undefined && single.fen > daily.fen) return { single: 'overDaily' };
  return {};
}

/** The limit as the API wants it. */
export function limitRequest(d: LimitDraft): Schemas['LimitRequest'] {
  const single = optionalFen(d.single).fen;
  const daily = optionalFen(d.daily, MAX_DAILY).fen;
  const method = d.spending === 'payment' && d.account ? d.method : undefined;
  return {
    ...(d.account ? { account_id: d.account } : {}),
    ...(method ? { method: method as Schemas['Method'] } : {}),
    spending: d.spending,
    ...(single === undefined ? {} : { single }),
    ...(daily === undefined ? {} : { daily }),
  };
}

/** The part of a daily limit that is used, in whole percent, 100 at most. */
export function usedPercent(used: number, daily: number): number {
  return Math.min(100, Math.floor((used * 100) / daily));
}

/** Basis points of a percentage as typed: 0.38 are 38. Undefined when it is none from 0 to 100 with two decimals. */
export function basisPoints(text: string): number | undefined {
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(text.trim().replace(/\s*%$/, ''));
  if (!match) return undefined;
  const points = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
  return points <= 10_000 ? points : undefined;
}

/** 0.38% for 38 basis points. */
export function percent(points: number): string {
  const digits = String(points).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}%`;
}

export type RateState = 'valid' | 'coming' | 'ended';

/** Whether a rate counts now. */
export function rateState(rate: { valid_from: string; valid_to?: string }, now: number): RateState {
  if (rate.valid_to && new Date(rate.valid_to).getTime() <= now) return 'ended';
  return new Date(rate.valid_from).getTime() <= now ? 'valid' : 'coming';
}
