import type { Account } from '@/lib/queries';
import { type Coming, comingOf } from '@/lib/invitation';
import type { Schemas } from '@/lib/api/client';

export type Step = 'user' | 'account' | 'keys' | 'test';

export interface Need {
  step: Step;
  done: boolean;
  /** Does not keep a merchant from going live. */
  advice?: boolean;
}

/** The state of the first person: somebody who came, else whose invitation counts. */
export function firstComing(users: Schemas['User'][], now: number): Coming | undefined {
  const states = users.map((u) => comingOf(u, now));
  return (['came', 'invited', 'expired', 'revoked'] as const).find((state) => states.includes(state));
}

export const tested = (account: Account | undefined): boolean => Boolean(account?.checked_at) && !account?.check_error;

/** What a merchant needs before it goes live, and what of it there is. */
export function needsOf(users: Schemas['User'][], account: Account | undefined, now: number): Need[] {
  const coming = firstComing(users, now);
  return [
    { step: 'user', done: coming === 'came' || coming === 'invited', advice: true },
    { step: 'account', done: account !== undefined },
    { step: 'keys', done: (account?.key_version ?? 0) > 0 },
    { step: 'test', done: tested(account) },
  ];
}

/** The step of the wizard on which a need is met. */
export const wizardStep: Record<Step, 'user' | 'account' | 'test'> = { user: 'user', account: 'account', keys: 'account', test: 'test' };
