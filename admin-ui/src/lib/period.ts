import { addDays, beijingDay, dayEnd, dayStart, isDay } from './beijing';

/** A list's span of time, as the address names it: one that moves with the clock (range), or a first and a last moment (from, to). */

export const periods = ['30m', '1h', 'today', 'yesterday', '7d', '30d', 'month'] as const;
export type Period = (typeof periods)[number];

const MINUTE_MS = 60_000;

/** What the address names: a period, moments of one's own, or all time. */
export function periodNamed(search: URLSearchParams): Period | 'custom' | 'all' {
  const range = search.get('range');
  if (isPeriod(range)) return range;
  return momentsOf(search).from || momentsOf(search).to ? 'custom' : 'all';
}

function isPeriod(text: string | null): text is Period {
  return (periods as readonly (string | null)[]).includes(text);
}

/** The instants that the address asks for, [from, to). What makes no sense is left out. */
export function daysFrom(search: URLSearchParams, now = Date.now()): { from?: string; to?: string } {
  const range = search.get('range');
  return isPeriod(range) ? spanOf(range, now) : momentsOf(search);
}

/** A period as of now. Those of minutes begin with a whole one, so that a list does not ask anew all the time. */
function spanOf(period: Period, now: number): { from: string; to?: string } {
  const today = beijingDay(now);
  const since = (minutes: number) => ({ from: new Date(Math.floor(now / MINUTE_MS - minutes) * MINUTE_MS).toISOString() });
  switch (period) {
    case '30m':
      return since(30);
    case '1h':
      return since(60);
    case 'today':
      return { from: dayStart(today), to: dayEnd(today) };
    case 'yesterday':
      return { from: dayStart(addDays(today, -1)), to: dayStart(today) };
    case '7d':
      return { from: dayStart(addDays(today, -6)), to: dayEnd(today) };
    case '30d':
      return { from: dayStart(addDays(today, -29)), to: dayEnd(today) };
    case 'month':
      return { from: dayStart(`${today.slice(0, 7)}-01`), to: dayEnd(today) };
  }
}

const MOMENT = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):([0-5]\d)$/;

/** Whether text is a minute in Beijing, as in 2026-03-01T09:30. */
export function isMoment(text: string): boolean {
  return isDay(MOMENT.exec(text)?.[1] ?? '');
}

/** A day or a minute of the address as its first and last minute. */
export function asMoment(text: string | null, end: boolean): string {
  if (!text || isMoment(text)) return text ?? '';
  return isDay(text) ? `${text}T${end ? '23:59' : '00:00'}` : '';
}

/** Days and minutes of one's own: from the first one's beginning to the last one's end. */
function momentsOf(search: URLSearchParams): { from?: string; to?: string } {
  const from = asMoment(search.get('from'), false);
  const to = asMoment(search.get('to'), true);
  const at = (moment: string, minutes: number) => new Date(Date.parse(`${moment}:00+08:00`) + minutes * MINUTE_MS).toISOString();
  return { ...(from ? { from: at(from, 0) } : {}), ...(to ? { to: at(to, 1) } : {}) };
}
