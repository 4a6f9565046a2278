import { useSyncExternalStore } from 'react';
import { streamRequest } from './api/client';

/** How it stands with live updates: on, not (paused, or just connecting), or lost and being tried again. */
export type LiveState = 'on' | 'off' | 'lost';

/** What the frame does with what it hears. */
export interface Listener {
  /** Things of these topics changed. */
  onTopics: (topics: string[]) => void;
  /** Something may have been missed: anything may have changed. */
  onGap: () => void;
  /** The server does not let us listen: resolves true when it may be tried again now. */
  onRefused: (code: string) => Promise<boolean>;
}

// The server gives a sign of life every 15 seconds.
const SILENCE_MS = 40_000;
// A tab that is looked away from for a moment keeps its connection: browsers allow few of them.
const HIDDEN_MS = 10_000;
// A server that is restarted is back sooner: not worth a word.
const LOST_MS = 5_000;
const AGAIN_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
const REFUSED_MS = 60_000;
/** While changes are told, the clock is only the net below. */
const NET_MS = 20_000;

let state: LiveState = 'off';
const watchers = new Set<() => void>();

function become(next: LiveState): void {
  if (state === next) return;
  state = next;
  for (const tell of watchers) tell();
}

function subscribe(tell: () => void): () => void {
  watchers.add(tell);
  return () => watchers.delete(tell);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(subscribe, () => state);
}

/** How often to ask by the clock what would be asked every ms without live updates. */
export function byClock(ms: number): number {
  return state === 'on' ? Math.max(ms, NET_MS) : ms;
}

/** Splits a stream of server-sent events; give it the text as it comes. Comments give an event without a name. */
export function eventParser(onEvent: (name: string, data: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => block.split('\n').find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
      onEvent(field('event'), field('data'));
    }
  };
}

/** Listens while the page is in front, until the returned function is called. */
export function listen(listener: Listener): () => void {
  const over = new AbortController();
  void keepListening(listener, over.signal);
  return () => {
    over.abort();
    become('off');
  };
}

async function keepListening(listener: Listener, over: AbortSignal): Promise<void> {
  let failures = 0;
  let heardBefore = false;
  while (!over.aborted) {
    await untilVisible(over);
    if (over.aborted) return;
    const lost = failures > 0 ? setTimeout(() => become('lost'), LOST_MS) : undefined;
    const end = await connection(over, {
      ...listener,
      onOpen: () => {
        clearTimeout(lost);
        failures = 0;
        become('on');
        if (heardBefore) listener.onGap();
        heardBefore = true;
      },
    });
    clearTimeout(lost);
    if (over.aborted) return;
    if (end === 'hidden') become('off');
    else if (end === 'broken') {
      if (state === 'on') become('off');
      if (failures >= 3) become('lost');
      await pause(AGAIN_MS[Math.min(failures++, AGAIN_MS.length - 1)]! * (0.7 + Math.random() * 0.6), over);
    } else {
      become('off');
      if (!(await listener.onRefused(end.code))) await pause(REFUSED_MS, over);
    }
  }
}

type End = 'hidden' | 'broken' | { code: string };

/** One connection, from its beginning to its end. */
async function connection(over: AbortSignal, on: Listener & { onOpen: () => void }): Promise<End> {
  const cut = new AbortController();
  let why: End = 'broken';
  const stop = (end: End) => {
    why = end;
    cut.abort();
  };
  let silence = setTimeout(() => stop('broken'), SILENCE_MS);
  let away: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(away);
    if (document.visibilityState === 'hidden') away = setTimeout(() => stop('hidden'), HIDDEN_MS);
  };
  const left = () => stop('broken');
  document.addEventListener('visibilitychange', look);
  over.addEventListener('abort', left);
  try {
    const response = await fetch('/v1/stream', streamRequest(cut.signal));
    if (!response.ok || !response.body) return await refusal(response);
    on.onOpen();
    const parse = eventParser((name, data) => {
      if (name === 'changed') on.onTopics((JSON.parse(data) as { topics: string[] }).topics);
      if (name === 'end') why = ended((JSON.parse(data) as { code: string }).code);
    });
    const text = new TextDecoder();
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return why;
      clearTimeout(silence);
      silence = setTimeout(() => stop('broken'), SILENCE_MS);
      parse(text.decode(value, { stream: true }));
    }
  } catch {
    return why; // cut by us, or the network's end
  } finally {
    clearTimeout(silence);
    clearTimeout(away);
    document.removeEventListener('visibilitychange', look);
    over.removeEventListener('abort', left);
  }
}

async function refusal(response: Response): Promise<End> {
  const problem = (await response.json().catch(() => undefined)) as { code?: string } | undefined;
  return response.status < 500 && problem?.code ? { code: problem.code } : 'broken';
}

/** A server that goes away, or has a fault, is asked again like one that cannot be reached. */
function ended(code: string): End {
  return ['unauthenticated', 'not_found', 'tenant_required', 'forbidden'].includes(code) ? { code } : 'broken';
}

function untilVisible(over: AbortSignal): Promise<void> {
  if (document.visibilityState !== 'hidden') return Promise.resolve();
  return new Promise((resolve) => {
    const go = () => {
      if (document.visibilityState === 'hidden' && !over.aborted) return;
      document.removeEventListener('visibilitychange', go);
      over.removeEventListener('abort', go);
      resolve();
    };
    document.addEventListener('visibilitychange', go);
    over.addEventListener('abort', go);
  });
}

/** Waits, but not longer than until the page comes back to the front or the network comes back. */
function pause(ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      window.removeEventListener('online', go);
      over.removeEventListener('abort', go);
      resolve();
    };
    const timer = setTimeout(go, ms);
    window.addEventListener('online', go);
    over.addEventListener('abort', go);
  });
}
