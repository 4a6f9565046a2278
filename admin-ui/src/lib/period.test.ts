import { describe, expect, it } from 'vitest';
import { asMoment, daysFrom, periodNamed } from './period';

const now = Date.parse('2026-03-01T17:00:30Z'); // already the second of March in Beijing
const of = (address: string) => daysFrom(new URLSearchParams(address), now);

describe('the period of a list', () => {
  it.each([
    ['30m', '2026-03-01T16:30:00.000Z', undefined],
    ['1h', '2026-03-01T16:00:00.000Z', undefined],
    ['today', '2026-03-01T16:00:00.000Z', '2026-03-02T16:00:00.000Z'],
    ['yesterday', '2026-02-28T16:00:00.000Z', '2026-03-01T16:00:00.000Z'],
    ['7d', '2026-02-23T16:00:00.000Z', '2026-03-02T16:00:00.000Z'],
    ['30d', '2026-01-31T16:00:00.000Z', '2026-03-02T16:00:00.000Z'],
    ['month', '2026-02-28T16:00:00.000Z', '2026-03-02T16:00:00.000Z'],
  ])('%s moves with the clock, in Beijing days', (range, from, to) => {
    expect(of(`range=${range}&from=2020-01-01`)).toEqual(to ? { from, to } : { from });
    expect(periodNamed(new URLSearchParams(`range=${range}`))).toBe(range);
  });

  it('is of days, to the end of the last', () => {
    expect(of('from=2026-03-01&to=2026-03-01')).toEqual({ from: '2026-02-28T16:00:00.000Z', to: '2026-03-01T16:00:00.000Z' });
    expect(periodNamed(new URLSearchParams('to=2026-03-01'))).toBe('custom');
  });

  it('is of minutes, to the end of the last', () => {
    expect(of('from=2026-03-01T09:30&to=2026-03-01T09:30')).toEqual({ from: '2026-03-01T01:30:00.000Z', to: '2026-03-01T01:31:00.000Z' });
    expect(asMoment('2026-03-01', false)).toBe('2026-03-01T00:00');
    expect(asMoment('2026-03-01', true)).toBe('2026-03-01T23:59');
  });

  it.each(['from=2026-02-30&to=', 'from=2026-03-01T24:00', 'range=forever', 'from=x', ''])('leaves out what is none: %s', (address) => {
    expect(of(address)).toEqual({});
    expect(periodNamed(new URLSearchParams(address))).toBe('all');
  });
});
