import { describe, expect, it } from 'vitest';
import { shortFen } from '@/lib/money';
import { changeOf, daysOf, partsBy, rateOf, shareOf, tenths } from './api';

describe('a period', () => {
  const justAfterMidnight = Date.parse('2026-11-27T16:00:01Z'); // the 28th in Beijing
  it.each([
    ['today', '2026-11-28', '2026-11-28'], ['yesterday', '2026-11-27', '2026-11-27'], ['days7', '2026-11-22', '2026-11-28'], ['days30', '2026-10-30', '2026-11-28'],
  ] as const)('%s has the days of Beijing', (period, from, to) => {
    expect(daysOf(period, justAfterMidnight)).toEqual({ from, to });
  });
});

describe('figures', () => {
  it('say how many of all succeeded, never all when one failed', () => {
    expect(rateOf({ paid_count: 0, failed_count: 0 })).toBeUndefined();
    expect(tenths(rateOf({ paid_count: 99_999, failed_count: 1 }))).toBe('99.9%');
    expect(tenths(rateOf({ paid_count: 3, failed_count: 0 }))).toBe('100.0%');
    expect(tenths(undefined)).toBe('–');
  });

  it.each([
    [150, 100, 500], [50, 100, -500], [100, 100, 0], [5, 0, undefined], [5, -3, undefined], [3234, 10_000, -676], [9_007_199_254_740_991, 9_007_199_254_740_991, 0],
  ])('%d beside %d', (now, before, change) => {
    expect(changeOf(now, before)).toBe(change);
  });

  it('are a share of what came in', () => {
    expect(shareOf(1, 3)).toBe(333);
    expect(shareOf(0, 0)).toBeUndefined();
  });

  it('are put together by provider, the largest first', () => {
    const part = (provider: string, method: string, paid: number) => ({ provider, method, paid, paid_count: 1, failed_count: 0 });
    const parts = partsBy([part('a', 'qr', 5), part('b', 'qr', 9), part('a', 'barcode', 7)], (p) => p.provider);
    expect(parts.map((p) => [p.key, p.paid, p.paid_count])).toEqual([['a', 12, 2], ['b', 9, 1]]);
  });

  it('are short beside an axis, as the language counts', () => {
    expect(shortFen('zh-CN')(1_500_000)).toBe('¥1.5万');
    expect(shortFen('en')(1_500_000)).toBe('¥15K');
  });
});
