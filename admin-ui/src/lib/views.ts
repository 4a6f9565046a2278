import { filtersOf } from './useFilters';

/** Saved views of a list: an address under a name. */

export interface View {
  id: string;
  name: string;
  /** The address without the page: filters, order and columns. */
  search: string;
}

export interface KeptViews {
  views: View[];
  /** The view that the list opens with. */
  first?: string;
}

export const MOST_VIEWS = 20;
export const MOST_NAME = 30;

/** What a kept value says, as far as it is views. */
export function keptViews(value: unknown): KeptViews {
  const { views, first } = (value ?? {}) as { views?: unknown; first?: unknown };
  const known = (Array.isArray(views) ? views : []).filter((v): v is View => {
    const view = v as Partial<View> | null;
    return typeof view?.id === 'string' && typeof view.name === 'string' && typeof view.search === 'string';
  });
  return { views: known, ...(known.some((v) => v.id === first) ? { first: first as string } : {}) };
}

/** What a view keeps of an address: everything but the page and the view it came from, in one order. */
export function viewSearch(search: URLSearchParams): string {
  const kept = new URLSearchParams([...search].filter(([key, value]) => key !== 'cursor' && key !== 'saved' && value !== ''));
  kept.sort();
  return kept.toString();
}

/** The address that opens a view. */
export function addressOf(view: View): string {
  const search = new URLSearchParams(view.search);
  search.set('saved', view.id);
  return `?${search.toString()}`;
}

/** The view that an address came from, and whether it has been changed since. */
export function openedView(kept: KeptViews, search: URLSearchParams): { view?: View; changed: boolean } {
  const view = kept.views.find((v) => v.id === search.get('saved'));
  return { view, changed: view !== undefined && view.search !== viewSearch(search) };
}

/** Whether there is anything in an address that a view could keep. */
export function isWorthKeeping(search: URLSearchParams): boolean {
  return filtersOf(search).length > 0 || search.has('sort') || search.has('cols');
}

/** The views with one put in, over that of its id or behind the others. */
export function withView(kept: KeptViews, view: View, first: boolean): KeptViews {
  const known = kept.views.some((v) => v.id === view.id);
  const views = known ? kept.views.map((v) => (v.id === view.id ? view : v)) : [...kept.views, view];
  return withFirst({ views, first: kept.first }, first ? view.id : kept.first === view.id ? undefined : kept.first);
}

/** The views with another one, or none, to open the list with. */
export function withFirst(kept: KeptViews, first: string | undefined): KeptViews {
  return { views: kept.views, ...(first === undefined ? {} : { first }) };
}

/** The views without one. */
export function withoutView(kept: KeptViews, id: string): KeptViews {
  return withFirst({ views: kept.views.filter((v) => v.id !== id) }, kept.first === id ? undefined : kept.first);
}
