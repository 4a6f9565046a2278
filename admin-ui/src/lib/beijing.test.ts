import { describe, expect, it } from 'vitest';
import { addDays, age, beijingDay, beijingTime, dayEnd, dayStart, isDay } from './beijing';

describe('Beijing time', () => {
  it.each([
    ['2026-03-01T15:59:59Z', '2026-03-01 23:59:59'],
    ['2026-03-01T16:00:00Z', '2026-03-02 00:00:00'],
    ['2026-12-31T20:00:00+00:00', '2027-01-01 04:00:00'],
  ])('%s is %s', (at, text) => expect(beijingTime(at)).toBe(text));

  it('cuts days at midnight there', () => {
    expect(dayStart('2026-03-02')).toBe('2026-03-01T16:00:00.000Z');
    expect(dayEnd('2026-03-02')).toBe('2026-03-02T16:00:00.000Z');
    expect(beijingDay(dayStart('2026-03-02'))).toBe('2026-03-02');
  });

  it('moves over months and leap days', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
  });

  it.each([['2026-02-28', true], ['2026-02-30', false], ['2026-2-3', false], ['', false], ['2026-13-01', false]])('%j is a day: %s', (text, ok) => expect(isDay(text)).toBe(ok));

  it('tells an age in one unit', () => {
    const now = Date.parse('2026-03-01T00:00:00Z');
    expect(age('2026-02-28T23:59:30Z', now)).toEqual({ unit: 'seconds', count: 30 });
    expect(age('2026-02-28T23:00:00Z', now)).toEqual({ unit: 'minutes', count: 60 });
    expect(age('2026-02-27T00:00:00Z', now)).toEqual({ unit: 'days', count: 2 });
  });
});
