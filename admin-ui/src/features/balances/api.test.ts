import { expect, it } from 'vitest';
import { type AccountBalances, lowFirst, payableNow, sumOf } from './api';

function account(name: string, of: Partial<AccountBalances>, available?: number): AccountBalances {
  const channels = available === undefined ? [] : [{ figures: { channel: '', available, provider_figures: {} }, payable_now: [{ source: 'balance', available_to_pay_out: available, largest_single: available, fee: 0 }] }];
  return { account_id: name, tenant_id: 't', provider: 'p', name, failures: 0, channels, ...of } as AccountBalances;
}

it('lists who is short first, then who does not answer, then the least, and at last who was never asked', () => {
  const taken_at = '2026-11-28T00:00:00Z';
  const all = [
    account('never', {}), account('rich', { taken_at }, 900), account('poor', { taken_at }, 5), account('silent', { taken_at, failures: 2 }, 1000), account('low', { taken_at, low_since: taken_at }, 100),
  ];
  expect(lowFirst(all).map((a) => a.name)).toEqual(['low', 'silent', 'poor', 'rich', 'never']);
});

it('knows nothing where nothing was stated', () => {
  expect([sumOf(account('a', {}), 'available'), payableNow(account('a', {}))]).toEqual([undefined, undefined]);
  expect([sumOf(account('a', {}, 7), 'available'), sumOf(account('a', {}, 7), 'pending'), payableNow(account('a', {}, 7))]).toEqual([7, undefined, 7]);
});
