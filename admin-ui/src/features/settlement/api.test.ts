import { describe, expect, it } from 'vitest';
import { periodFrom, settlementFrom } from './api';

const today = '2026-11-28';

describe('the period of a settlement', () => {
  it.each([
    ['', '2026-11-22', '2026-11-28'],
    ['from=2026-11-01&to=2026-11-10', '2026-11-01', '2026-11-10'],
    ['from=2026-11-12&to=2026-11-10', '2026-11-04', '2026-11-10'],
    ['from=2020-01-01', '2026-08-29', '2026-11-28'],
    ['to=2027-01-01', '2026-11-22', '2026-11-28'],
    ['from=2026-02-30&to=x', '2026-11-22', '2026-11-28'],
  ])('%s', (address, from, to) => expect(periodFrom(new URLSearchParams(address), today)).toEqual({ from, to }));

  it('tells accounts apart when asked to', () =>
    expect(settlementFrom(new URLSearchParams('by=account&store=sto_1&store=sto_2'), today)).toEqual({ from: '2026-11-22', to: today, by: 'account', store_id: ['sto_1', 'sto_2'] }));
});
