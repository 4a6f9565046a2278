import { describe, expect, it } from 'vitest';
import { choicesOf, filterOf } from './exports';

describe('an export', () => {
  it('is of what the list shows, whatever page is open', () =>
    expect(filterOf({ state: ['failed', 'closed'], unknown: true, min_amount: 1250, cursor: 'c', sort: 'largest', limit: 20, number: undefined })).toEqual({ state: 'failed,closed', unknown: 'true', min_amount: '1250' }));

  it('has the columns that the list shows, in their order, and all when it shows none', () => {
    expect(choicesOf(['a', 'b'], [])).toEqual([{ name: 'a', on: true }, { name: 'b', on: true }]);
    expect(choicesOf(['a', 'b', 'c'], ['c', 'gone', 'a'])).toEqual([{ name: 'c', on: true }, { name: 'a', on: true }, { name: 'b', on: false }]);
  });
});
