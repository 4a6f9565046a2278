import { describe, expect, it } from 'vitest';
import { amountParam, queryFrom } from './filters';
import { isFiltered } from '@/lib/useFilters';

describe('order filters', () => {
  it('turns the address into a query', () => {
    expect(queryFrom(new URLSearchParams('state=failed&state=nonsense&unknown=true&from=2026-03-01&to=2026-03-02&min=12.5&max=oops&number=A1&sort=largest&cursor=c'))).toEqual({
      state: ['failed'], unknown: true, from: '2026-02-28T16:00:00.000Z', to: '2026-03-02T16:00:00.000Z', min_amount: 1250, number: 'A1', sort: 'largest', cursor: 'c',
    });
  });

  it('leaves out days that are none', () => expect(queryFrom(new URLSearchParams('from=2026-02-30&to='))).toEqual({}));

  it('leaves out an order that is none', () => expect(queryFrom(new URLSearchParams('sort=cheapest'))).toEqual({}));

  it('keeps amounts as yuan in the address', () => {
    expect(amountParam('12.5')).toBe('12.50');
    expect(amountParam('x')).toBeUndefined();
  });

  it('does not take page and order for filters', () => {
    expect(isFiltered(new URLSearchParams('cursor=x&sort=oldest'))).toBe(false);
    expect(isFiltered(new URLSearchParams('state=failed'))).toBe(true);
  });
});
