import type { QueryClient } from '@tanstack/react-query';

// What shows things of a topic under another first word than the topic's own or its singular.
const also: Record<string, string[]> = {
  payments: ['summary', 'shift'],
  refunds: ['payment', 'summary', 'shift'],
  payouts: ['summary'],
  settlement: ['entries', 'shift'],
  plugins: ['providers', 'provider'],
  users: ['actors'],
  'api-keys': ['apikeys'],
};

// Sums over many rows: read again less often than lists.
const sums = new Set(['summary', 'settlement', 'entries', 'shift', 'balances', 'figures']);
const LISTS_MS = 1_000;
const SUMS_MS = 10_000;

/** Whether a query whose key begins with word shows things of the topic. */
export function shows(word: string, topic: string): boolean {
  return word === topic || `${word}s` === topic || `${word}es` === topic || (also[topic]?.includes(word) ?? false);
}

/** Has what is on screen read again when it changed, however often that is. */
export function refresher(client: QueryClient): { tell: (topics: string[]) => void; stop: () => void } {
  const read = (heavy: boolean) => (topics: string[]) => {
    void client.invalidateQueries({
      predicate: ({ queryKey: [word] }) => typeof word === 'string' && sums.has(word) === heavy && topics.some((topic) => shows(word, topic)),
    });
  };
  const lists = gathered(LISTS_MS, read(false));
  const totals = gathered(SUMS_MS, read(true));
  return {
    tell: (topics) => {
      lists.add(topics);
      totals.add(topics);
    },
    stop: () => {
      lists.stop();
      totals.stop();
    },
  };
}

/** Calls act at once, and then at most every ms with what came together meanwhile. */
export function gathered(ms: number, act: (all: string[]) => void): { add: (some: string[]) => void; stop: () => void } {
  const waiting = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    if (waiting.size === 0) return;
    const all = [...waiting];
    waiting.clear();
    timer = setTimeout(flush, ms);
    act(all);
  };
  return {
    add: (some) => {
      for (const one of some) waiting.add(one);
      if (timer === undefined) flush();
    },
    stop: () => clearTimeout(timer),
  };
}
