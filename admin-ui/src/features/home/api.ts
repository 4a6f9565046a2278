import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/lib/api/client';
import { addDays, beijingDay, dayEnd, dayStart } from '@/lib/beijing';
import { useMay } from '@/lib/permissions';

export type Summary = Schemas['Summary'];
export type Sums = Schemas['Sums'];
export type WaitingFor = Schemas['WaitingFor'];

export const periods = ['today', 'yesterday', 'days7', 'days30'] as const;
export type Period = (typeof periods)[number];

/** The period that the address names, today when it names none. */
export function periodFrom(search: URLSearchParams): Period {
  return periods.find((p) => p === search.get('period')) ?? 'today';
}

/** The first and last Beijing day of a period. */
export function daysOf(period: Period, now: number): { from: string; to: string } {
  const today = beijingDay(now);
  switch (period) {
    case 'today':
      return { from: today, to: today };
    case 'yesterday':
      return { from: addDays(today, -1), to: addDays(today, -1) };
    case 'days7':
      return { from: addDays(today, -6), to: today };
    case 'days30':
      return { from: addDays(today, -29), to: today };
  }
}

const REFRESH_MS = 30_000;
// A long period costs more to sum and changes less: it is asked for by the clock alone, under a
// word of its own that no live update knows.
const LONG_REFRESH_MS = 120_000;
const isLong = (period: Period) => period === 'days7' || period === 'days30';

/** What happened in a period, and what waits now. The days are those of the moment it is asked. */
export function useSummary(period: Period) {
  const may = useMay();
  return useQuery({
    queryKey: [isLong(period) ? 'long-summary' : 'summary', period],
    queryFn: async () => {
      const days = daysOf(period, Date.now());
      const summary = await call(() => api.GET('/v1/summary', { params: { query: { from: dayStart(days.from), to: dayEnd(days.to) } } }));
      return { ...summary, days };
    },
    enabled: may('summary:read'),
    placeholderData: keepPreviousData,
    refetchInterval: isLong(period) ? LONG_REFRESH_MS : REFRESH_MS,
  });
}

/** Succeeded of all settled, in tenths of a per cent, rounded down: 100.0% has no failure. Undefined for none. */
export function rateOf(s: { paid_count: number; failed_count: number }): number | undefined {
  const settled = s.paid_count + s.failed_count;
  return settled === 0 ? undefined : Math.floor((s.paid_count * 1000) / settled);
}

/** 98.6% for 986 tenths. */
export function tenths(n: number | undefined): string {
  return n === undefined ? '–' : `${Math.floor(n / 10)}.${n % 10}%`;
}

/** A part of a whole in tenths of a per cent. */
export function shareOf(part: number, whole: number): number | undefined {
  return whole <= 0 ? undefined : Number((BigInt(part) * 1000n + BigInt(whole) / 2n) / BigInt(whole));
}

/** By how many tenths of a per cent a figure differs from the one before; undefined when there is nothing to hold it against. */
export function changeOf(now: number, before: number): number | undefined {
  if (before <= 0) return undefined;
  const tenth = (BigInt(now - before) * 1000n) / BigInt(before);
  return Number(tenth);
}

/** Parts put together by one of their names, the largest first. */
export function partsBy(parts: Summary['parts'], key: (p: Summary['parts'][number]) => string) {
  const sums = new Map<string, { key: string; provider: string; method: string; paid: number; paid_count: number; failed_count: number }>();
  for (const p of parts) {
    const id = key(p);
    const s = sums.get(id) ?? { key: id, provider: p.provider, method: p.method, paid: 0, paid_count: 0, failed_count: 0 };
    sums.set(id, { ...s, paid: s.paid + p.paid, paid_count: s.paid_count + p.paid_count, failed_count: s.failed_count + p.failed_count });
  }
  return [...sums.values()].sort((a, b) => b.paid - a.paid || b.failed_count - a.failed_count);
}
