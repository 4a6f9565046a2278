import { useSearchParams } from 'react-router';
import { dayEnd, dayStart, isDay } from './beijing';

type Values = Record<string, string | string[] | undefined>;

/** The filters of a list. They live in the address, so a list can be kept and sent on. */
export function useFilters() {
  const [search, setSearch] = useSearchParams();
  return {
    search,
    filtered: isFiltered(search),
    clear: () => setSearch({}),
    /** Changes filters and goes back to the first page. */
    change: (values: Values) =>
      setSearch((before) => {
        const next = new URLSearchParams(before);
        next.delete('cursor');
        for (const [key, value] of Object.entries(values)) {
          next.delete(key);
          for (const v of [value].flat()) if (v) next.append(key, v);
        }
        return next;
      }),
  };
}

/** Whether anything but the page is chosen. */
export function isFiltered(search: URLSearchParams): boolean {
  return [...search.keys()].some((key) => key !== 'cursor');
}

/** The days of the address as the API wants them: from the first one's beginning to the last one's end. */
export function daysFrom(search: URLSearchParams): { from?: string; to?: string } {
  const from = search.get('from');
  const to = search.get('to');
  return { ...(from && isDay(from) ? { from: dayStart(from) } : {}), ...(to && isDay(to) ? { to: dayEnd(to) } : {}) };
}

/** The values of a filter that the API knows; what somebody wrote into the address is left out. */
export function chosen<Value extends string>(search: URLSearchParams, name: string, known: readonly Value[]): Value[] | undefined {
  const values = search.getAll(name).filter((v): v is Value => (known as readonly string[]).includes(v));
  return values.length > 0 ? values : undefined;
}

/** A query without what is not asked for. */
export function asked<Query extends object>(query: Query): Query {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Query;
}
