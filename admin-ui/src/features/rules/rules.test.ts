import { describe, expect, it } from 'vitest';
import { basisPoints, limitProblems, limitRequest, percent, rateState, usedPercent } from './rules';

describe('a limit', () => {
  it.each([
    ['', '', { single: 'none' }],
    ['100', '', {}],
    ['', '1000', {}],
    ['1000', '100', { single: 'overDaily' }],
    ['１００', '', { single: 'fullWidth' }],
    ['1.234', '0', { single: 'decimals', daily: 'zero' }],
    ['', '9999999999999.99', {}],
  ])('of %s at once and %s a day', (single, daily, problems) => {
    expect(limitProblems({ spending: 'payment', single, daily })).toEqual(problems);
  });

  it('is sent in fen, without what does not count', () => {
    expect(limitRequest({ spending: 'payment', account: 'acc_1', method: 'barcode', single: '12.50', daily: '' })).toEqual({ spending: 'payment', account_id: 'acc_1', method: 'barcode', single: 1250 });
    expect(limitRequest({ spending: 'payout', account: 'acc_1', method: 'barcode', single: '', daily: '1,000' })).toEqual({ spending: 'payout', account_id: 'acc_1', daily: 100_000 });
    expect(limitRequest({ spending: 'payment', method: 'barcode', single: '1', daily: '' })).toEqual({ spending: 'payment', single: 100 });
  });
});

it.each([['0.38', 38], ['0.6', 60], ['1', 100], ['100', 10_000], ['0', 0], ['0.38%', 38], ['0.385', undefined], ['100.01', undefined], ['', undefined], ['-1', undefined], ['０.38', undefined]])('%s percent', (text, points) => {
  expect(basisPoints(text)).toBe(points);
});

it('writes basis points as a percentage', () => {
  expect([percent(38), percent(0), percent(5), percent(10_000)]).toEqual(['0.38%', '0.00%', '0.05%', '100.00%']);
});

it('never shows more than all of it as used', () => {
  expect([usedPercent(0, 100), usedPercent(99, 100), usedPercent(300, 100)]).toEqual([0, 99, 100]);
});

it('tells whether a rate counts now', () => {
  const now = Date.parse('2026-11-28T00:00:00Z');
  expect(rateState({ valid_from: '2026-01-01T00:00:00Z' }, now)).toBe('valid');
  expect(rateState({ valid_from: '2026-12-01T00:00:00Z' }, now)).toBe('coming');
  expect(rateState({ valid_from: '2026-01-01T00:00:00Z', valid_to: '2026-11-28T00:00:00Z' }, now)).toBe('ended');
  expect(rateState({ valid_from: '2026-12-01T00:00:00Z', valid_to: '2026-12-01T00:00:00Z' }, Date.parse('2026-12-01T00:00:00Z'))).toBe('ended');
});
