/** Beijing time, whatever clock the browser's machine is set to. Days are cut at 00:00 there. */

const OFFSET_MS = 8 * 60 * 60 * 1000; // China has had no summer time since 1991
const DAY_MS = 24 * 60 * 60 * 1000;

const two = (n: number) => String(n).padStart(2, '0');

function shifted(at: string | number | Date): Date {
  return new Date(new Date(at).getTime() + OFFSET_MS);
}

/** 2026-03-01 */
export function beijingDay(at: string | number | Date): string {
  const d = shifted(at);
  return `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`;
}

/** 2026-03-01 14:05:09 */
export function beijingTime(at: string | number | Date): string {
  const d = shifted(at);
  return `${beijingDay(at)} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
}

/** The instant at which a Beijing day begins, as the API wants it. */
export function dayStart(day: string): string {
  return new Date(`${day}T00:00:00+08:00`).toISOString();
}

/** The instant at which the day after begins: ranges are [from, to). */
export function dayEnd(day: string): string {
  return new Date(new Date(`${day}T00:00:00+08:00`).getTime() + DAY_MS).toISOString();
}

/** A day moved by whole days. */
export function addDays(day: string, days: number): string {
  return beijingDay(new Date(`${day}T00:00:00+08:00`).getTime() + days * DAY_MS);
}

/** Whether text is a calendar day, 2026-02-30 is none. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00+08:00`);
  return !Number.isNaN(at.getTime()) && beijingDay(at) === text;
}

/** A length of time as its largest two units, in numbers for a translated sentence. */
export function age(from: string | number | Date, now: number): { unit: 'seconds' | 'minutes' | 'hours' | 'days'; count: number } {
  const seconds = Math.max(0, Math.floor((now - new Date(from).getTime()) / 1000));
  if (seconds < 90) return { unit: 'seconds', count: seconds };
  if (seconds < 90 * 60) return { unit: 'minutes', count: Math.floor(seconds / 60) };
  if (seconds < 36 * 3600) return { unit: 'hours', count: Math.floor(seconds / 3600) };
  return { unit: 'days', count: Math.floor(seconds / 86400) };
}
