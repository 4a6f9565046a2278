import type { Schemas } from '@/lib/api/client';

export type DayKind = 'worked' | 'weekend' | Schemas['CalendarKind'];

export interface Day {
  /** 2026-10-01 */
  day: string;
  /** Of the month. */
  date: number;
  kind: DayKind;
  name?: string;
}

export interface Month {
  month: number;
  /** Empty places before the first day; weeks begin on Monday. */
  before: number;
  days: Day[];
}

const two = (n: number) => String(n).padStart(2, '0');

/** The months of a year with what each day is. */
export function monthsOf(year: number, differing: Schemas['CalendarDay'][]): Month[] {
  const known = new Map(differing.map((d) => [d.day, d]));
  return Array.from({ length: 12 }, (_, m) => {
    const length = new Date(Date.UTC(year, m + 1, 0)).getUTCDate();
    const weekday = (date: number) => (new Date(Date.UTC(year, m, date)).getUTCDay() + 6) % 7;
    const days = Array.from({ length }, (_unused, i): Day => {
      const day = `${year}-${two(m + 1)}-${two(i + 1)}`;
      const differs = known.get(day);
      return { day, date: i + 1, kind: differs?.kind ?? (weekday(i + 1) > 4 ? 'weekend' : 'worked'), ...(differs?.name ? { name: differs.name } : {}) };
    });
    return { month: m + 1, before: weekday(1), days };
  });
}
