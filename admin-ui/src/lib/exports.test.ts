import { describe, expect, it } from 'vitest';
import { choicesOf, filterOf, moved } from './exports';

describe('an export', () => {
  it('is of what the list shows, whatever page is open', () =>
    expect(filterOf({ state: ['failed', 'closed'], unknown: true, min_amount: 1250, cursor: 'c', limit: 20, number: undefined })).toEqual({ state: 'failed,closed', unknown: 'true', min_amount: '1250' }));

  it('begins with all columns, later with those chosen last, in their order', () => {
    expect(choicesOf(['a', 'b'], [])).toEqual([{ name: 'a', on: true }, { name: 'b', on: true }]);
    expect(choicesOf(['a', 'b', 'c'], ['c', 'gone', 'a'])).toEqual([{ name: 'c', on: true }, { name: 'a', on: true }, { name: 'b', on: false }]);
  });

  it('moves a column by one place and never out of the list', () => {
    const all = choicesOf(['a', 'b', 'c'], []);
    expect(moved(all, 'c', -1).map((c) => c.name)).toEqual(['a', 'c', 'b']);
    expect(moved(all, 'a', -1)).toEqual(all);
    expect(moved(all, 'c', 1)).toEqual(all);
  });
});
