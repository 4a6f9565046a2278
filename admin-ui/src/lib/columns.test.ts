import { describe, expect, it } from 'vitest';
import { arrange, asKept, columnsOfAddress, keptColumns, movedTo } from './columns';

const known = ['number', 'created', 'subject', 'amount'];
const shown = (choices: { name: string; on: boolean }[]) => choices.filter((c) => c.on).map((c) => c.name).join(' ');

describe('the columns of a list', () => {
  it('are all there when nothing was chosen', () => {
    expect(shown(arrange(known, undefined))).toBe('number created subject amount');
  });
  it('come as they were chosen', () => {
    const kept = asKept(movedTo(arrange(known, { order: [], hidden: ['subject'] }), 'amount', 0));
    expect(shown(arrange(known, kept))).toBe('amount number created');
  });
  it('that came later stand behind the one before them', () => {
    expect(shown(arrange(known, { order: ['amount', 'created', 'number'], hidden: [] }))).toBe('amount created subject number');
    expect(shown(arrange(['new', ...known], { order: ['amount', 'number'], hidden: [] }))).toBe('new amount number created subject');
  });
  it('that are gone, and nonsense, are left out', () => {
    expect(shown(arrange(known, keptColumns({ order: ['gone', 'amount', 'amount', 3], hidden: 'x' })))).toBe('number created subject amount');
    expect(keptColumns('text')).toBeUndefined();
    expect(keptColumns(null)).toBeUndefined();
  });
  it('are never all hidden', () => {
    expect(shown(arrange(known, { order: known, hidden: known }))).toBe('number created subject amount');
  });
  it('stand in an address', () => {
    expect(shown(arrange(known, columnsOfAddress('amount,nonsense,number', known)))).toBe('amount number');
    expect(columnsOfAddress('nonsense', known)).toBeUndefined();
    expect(columnsOfAddress(null, known)).toBeUndefined();
  });
  it('move to a place, and no further than there are', () => {
    expect(movedTo(arrange(known, undefined), 'number', 2).map((c) => c.name)).toEqual(['created', 'subject', 'number', 'amount']);
    expect(movedTo(arrange(known, undefined), 'amount', 4).map((c) => c.name)).toEqual(known);
    expect(movedTo(arrange(known, undefined), 'number', -1).map((c) => c.name)).toEqual(known);
  });
});
