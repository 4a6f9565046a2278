import { act, cleanup, renderHook, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiError } from './api/error';
import { useBulk } from './bulk';

afterEach(cleanup);

const refusal = (code: string, status = 409) => new ApiError({ code, status, detail: code });
const lost = () => new ApiError({ code: 'network', status: 0, detail: 'no answer' });

/** A server that answers by script, and remembers every key it was sent. */
function server(script: Record<string, (Error | string)[]>) {
  const sent: string[] = [];
  return {
    sent,
    act: async (row: string, key: string) => {
      sent.push(`${row} ${key}`);
      const next = script[row]!.shift()!;
      if (next instanceof Error) throw next;
      return next;
    },
  };
}

describe('doing the same to several rows', () => {
  it('goes on after a refusal and ends in three sums', async () => {
    const s = server({ a: ['ok'], b: [refusal('conflict')], c: [lost()], d: ['ok'] });
    const { result } = renderHook(() => useBulk(['a', 'b', 'c', 'd'], s.act));
    await act(() => result.current.run());
    expect([result.current.done, result.current.refused, result.current.unknown].map((list) => list.map((t) => t.row))).toEqual([['a', 'd'], ['b'], ['c']]);
    expect(result.current.running).toBe(false);
  });

  it('asks again only where no outcome is known, with the same key', async () => {
    const s = server({ a: ['ok'], b: [lost(), 'ok'], c: [refusal('conflict')] });
    const { result } = renderHook(() => useBulk(['a', 'b', 'c'], s.act));
    await act(() => result.current.run());
    await act(() => result.current.run());
    const ofB = s.sent.filter((line) => line.startsWith('b'));
    expect(s.sent).toHaveLength(4);
    expect(ofB[0]).toBe(ofB[1]);
    expect(result.current.done).toHaveLength(2);
  });

  it('does each row once when it is begun twice', async () => {
    const s = server({ a: ['ok'], b: ['ok'] });
    const { result } = renderHook(() => useBulk(['a', 'b'], s.act));
    await act(async () => void (await Promise.all([result.current.run(), result.current.run()])));
    expect(s.sent).toHaveLength(2);
  });

  it('stops at a session that ended or is not confirmed, and goes on from there', async () => {
    const s = server({ a: [refusal('step_up_required', 403), 'ok'], b: ['ok'] });
    const { result } = renderHook(() => useBulk(['a', 'b'], s.act));
    await act(() => result.current.run());
    expect(s.sent).toHaveLength(1);
    await act(() => result.current.run());
    expect(result.current.done).toHaveLength(2);
  });

  it('leaves the rest alone when nobody answers', async () => {
    const rows = ['a', 'b', 'c', 'd', 'e'];
    const s = server(Object.fromEntries(rows.map((row) => [row, [lost()]])));
    const { result } = renderHook(() => useBulk(rows, s.act));
    await act(() => result.current.run());
    await waitFor(() => expect(result.current.running).toBe(false));
    expect(s.sent).toHaveLength(3);
    expect(result.current.unknown).toHaveLength(3);
  });
});
