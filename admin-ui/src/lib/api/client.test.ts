import { renderHook } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useSubmissionKey } from '../idempotency';
import { call, setInterruptions } from './client';
import { type ApiError, asApiError, problemFrom } from './error';

const reply = (status: number, body?: unknown) => ({ response: new Response(null, { status }), ...(status < 300 ? { data: body } : { error: body }) });
const problem = (code: string) => ({ code, detail: 'Sentence.', param: '/amount', request_id: 'r1', args: { left: '5' } });

afterEach(() => setInterruptions({ signIn: async () => false, stepUp: async () => false, refused: () => undefined }));

describe('call', () => {
  it('answers with the data', async () => {
    expect(await call(async () => reply(200, { id: 1 }))).toEqual({ id: 1 });
  });

  it('throws the problem with its field and arguments', async () => {
    const error = await call(async () => reply(422, problem('invalid_amount'))).catch((e: unknown) => e as ApiError);
    expect(error).toMatchObject({ code: 'invalid_amount', status: 422, param: '/amount', requestId: 'r1', args: { left: '5' } });
  });

  it('says network when nothing came back, and that the outcome is in doubt', async () => {
    const error = await call(async () => Promise.reject(new TypeError('failed'))).catch((e: unknown) => e as ApiError);
    expect(error).toMatchObject({ code: 'network', inDoubt: true });
  });

  it.each([
    ['unauthenticated', 'signIn'],
    ['step_up_required', 'stepUp'],
  ] as const)('asks the person on %s and sends the same again', async (code, which) => {
    const asked = vi.fn(async () => true);
    setInterruptions({ signIn: async () => false, stepUp: async () => false, refused: () => undefined, [which]: asked });
    const send = vi.fn().mockResolvedValueOnce(reply(401, problem(code))).mockResolvedValueOnce(reply(200, 'done'));
    expect(await call(send)).toBe('done');
    expect(asked).toHaveBeenCalledOnce();
    expect(send).toHaveBeenCalledTimes(2);
  });

  it('does not send again when the person declines', async () => {
    const send = vi.fn().mockResolvedValue(reply(401, problem('unauthenticated')));
    await expect(call(send)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(send).toHaveBeenCalledOnce();
  });

  it('does not repeat a refusal, and has the rights read anew', async () => {
    const refused = vi.fn();
    setInterruptions({ signIn: async () => false, stepUp: async () => false, refused });
    const send = vi.fn().mockResolvedValue(reply(403, problem('forbidden')));
    await expect(call(send)).rejects.toMatchObject({ code: 'forbidden' });
    expect(send).toHaveBeenCalledOnce();
    expect(refused).toHaveBeenCalledOnce();
  });
});

describe('errors', () => {
  it('makes something of a proxy’s own page', () => {
    expect(problemFrom(502, '<html>')).toMatchObject({ code: 'bad_reply', inDoubt: true });
    expect(asApiError('odd').code).toBe('bad_reply');
  });
});

describe('useSubmissionKey', () => {
  it('keeps the key for the same content until it is done, and changes it with the content', () => {
    const { result } = renderHook(() => useSubmissionKey());
    const first = result.current.keyFor({ amount: 1 });
    expect(result.current.keyFor({ amount: 1 })).toBe(first);
    const other = result.current.keyFor({ amount: 2 });
    expect(other).not.toBe(first);
    result.current.done();
    expect(result.current.keyFor({ amount: 2 })).not.toBe(other);
  });
});
