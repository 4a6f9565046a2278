/** How far somebody is in the three steps. The second leads to the till and back. */
export interface Walk {
  provider: string;
  /** When the fault was switched on: orders in doubt before that have other reasons. */
  since: string;
  order?: string;
}

const KEY = 'zhanggui.simulator.walk';

export function remembered(): Walk | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Walk | null) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(walk: Walk | undefined): void {
  try {
    if (walk) sessionStorage.setItem(KEY, JSON.stringify(walk));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Forgotten when the page is left.
  }
}
