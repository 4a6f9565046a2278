import { expect, it } from 'vitest';
import { monthsOf } from './calendar';

it('draws a year with its holidays and the weekends worked in their place', () => {
  const months = monthsOf(2026, [{ day: '2026-10-01', kind: 'holiday', name: '国庆节' }, { day: '2026-10-10', kind: 'workday' }]);
  expect(months.map((m) => m.days.length)).toEqual([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
  const october = months[9]!;
  expect(october.before).toBe(3); // a Thursday
  expect(october.days[0]).toEqual({ day: '2026-10-01', date: 1, kind: 'holiday', name: '国庆节' });
  expect(october.days[9]!.kind).toBe('workday');
  expect(october.days[10]!.kind).toBe('weekend');
  expect(october.days[11]!.kind).toBe('worked');
});

it('knows leap years', () => {
  expect(monthsOf(2028, [])[1]!.days.length).toBe(29);
});
