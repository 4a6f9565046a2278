import { QueryClient } from '@tanstack/react-query';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { byClock, eventParser, listen, type Listener } from './live';
import { gathered, refresher, shows } from './liveTopics';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('eventParser', () => {
  it('puts events together from pieces cut anywhere', () => {
    const heard: [string, string][] = [];
    const parse = eventParser((name, data) => heard.push([name, data]));
    for (const piece of ': here\n\nevent: changed\ndata: {"topics":["payments"]}\n\nevent: end\ndata: {"code":"x"}\n\n') parse(piece);
    expect(heard).toEqual([['', ''], ['changed', '{"topics":["payments"]}'], ['end', '{"code":"x"}']]);
  });
});

describe('topics', () => {
  it.each([
    ['payments', 'payments', true], ['payment', 'payments', true], ['summary', 'payments', true], ['payment', 'refunds', true],
    ['payout-batch', 'payout-batches', true], ['difference', 'differences', true], ['refunds', 'payments', false], ['pay', 'payments', false],
  ])('%s is read again after %s: %s', (word, topic, expected) => expect(shows(word, topic)).toBe(expected));

  it('are told at once and then gathered', () => {
    vi.useFakeTimers();
    const told: string[][] = [];
    const all = gathered(1000, (topics) => told.push(topics));
    all.add(['a']);
    all.add(['b']);
    all.add(['b', 'c']);
    expect(told).toEqual([['a']]);
    vi.advanceTimersByTime(1000);
    expect(told).toEqual([['a'], ['b', 'c']]);
    vi.advanceTimersByTime(5000);
    expect(told).toHaveLength(2);
  });

  it('make stale what shows them, and nothing else', () => {
    const client = new QueryClient();
    for (const key of [['payments', { limit: 1 }], ['payment', 'x'], ['refunds'], ['summary', 'd']]) client.setQueryData(key, 1);
    refresher(client).tell(['payments']);
    const stale = client.getQueryCache().getAll().filter((q) => q.state.isInvalidated).map((q) => q.queryKey[0]);
    expect(stale.sort()).toEqual(['payment', 'payments', 'summary']);
  });
});

const stream = (text: string) => new Response(text, { status: 200, headers: { 'Content-Type': 'text/event-stream' } });
const refused = (code: string) => new Response(JSON.stringify({ code }), { status: 401 });

/** Listens to replies that come one after the other; the last one stays. */
function listening(replies: (() => Response | Promise<Response>)[], onRefused: Listener['onRefused'] = async () => false) {
  const heard: string[] = [];
  const fetched = vi.fn(() => Promise.resolve((replies.length > 1 ? replies.shift()! : replies[0]!)()));
  vi.stubGlobal('fetch', fetched);
  const stop = listen({ onTopics: (topics) => heard.push(...topics), onGap: () => heard.push('gap'), onRefused });
  return { heard, fetched, stop };
}

const silence = () => new Promise<Response>(() => undefined);

describe('listen', () => {
  it('hears topics, connects again after a loss, and says that something may have been missed', async () => {
    const { heard, stop } = listening([() => stream('event: changed\ndata: {"topics":["payments"]}\n\n'), () => Promise.reject(new TypeError('lost')), () => stream('event: changed\ndata: {"topics":["refunds"]}\n\n'), silence]);
    await vi.waitFor(() => expect(heard).toEqual(['payments', 'gap', 'refunds']), { timeout: 20_000 });
    stop();
  });

  it.each([
    ['at once', () => refused('unauthenticated')],
    ['in the middle', () => stream('event: end\ndata: {"code":"unauthenticated"}\n\n')],
  ])('asks the person when the session has ended %s', async (_, reply) => {
    const onRefused = vi.fn(async () => true);
    const { fetched, stop } = listening([reply, silence], onRefused);
    await vi.waitFor(() => expect(fetched).toHaveBeenCalledTimes(2));
    expect(onRefused).toHaveBeenCalledWith('unauthenticated');
    stop();
  });

  it('leaves the clock to itself while nothing is told', () => expect(byClock(3_000)).toBe(3_000));
});
