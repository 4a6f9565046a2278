import { useSearchParams } from 'react-router';

type Values = Record<string, string | string[] | undefined>;

/** An address that somebody chose, be it empty: no view of theirs is put in its place. */
export const PLAIN = { state: { plain: true } };

/** The filters of a list. They live in the address, so a list can be kept and sent on. */
export function useFilters() {
  const [search, setSearch] = useSearchParams();
  return {
    search,
    filtered: isFiltered(search),
    clear: () => setSearch({}, PLAIN),
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
      }, PLAIN),
  };
}

/** What an address says besides filters: the page, the order, the view that was opened, and its columns. */
const BESIDES = ['cursor', 'sort', 'saved', 'cols'];

/** Whether anything is chosen that leaves rows out. */
export function isFiltered(search: URLSearchParams, part?: string): boolean {
  return filtersOf(search, part).length > 0;
}

/** The filters of an address, by name; what chooses a part of a list is none. */
export function filtersOf(search: URLSearchParams, part?: string): string[] {
  return [...new Set(search.keys())].filter((key) => key !== part && !BESIDES.includes(key));
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
