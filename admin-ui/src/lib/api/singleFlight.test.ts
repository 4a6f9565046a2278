import { describe, expect, it, vi } from 'vitest';
import { singleFlight } from './singleFlight';

const address = 'http://localhost/v1/users';
const post = (body: object, headers: Record<string, string> = {}, url = address) => new Request(url, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...headers } });
const slow = () => vi.fn(async () => new Promise<Response>((resolve) => setTimeout(() => resolve(Response.json({ n: 1 })), 20)));

describe('singleFlight', () => {
  it('sends once what is asked for twice in the same tick, and gives both the reply', async () => {
    const send = slow();
    const once = singleFlight(send);
    const replies = await Promise.all([once(post({ name: 'A' })), once(post({ name: 'A' }))]);
    expect(await Promise.all(replies.map((r) => r.json()))).toEqual([{ n: 1 }, { n: 1 }]);
    expect(send).toHaveBeenCalledOnce();
  });

  it('sends again when the first is over, also when it failed', async () => {
    const send = vi.fn().mockRejectedValueOnce(new TypeError('no answer')).mockImplementation(async () => Response.json({}));
    const once = singleFlight(send);
    const both = await Promise.allSettled([once(post({ name: 'A' })), once(post({ name: 'A' }))]);
    expect(both.map((r) => r.status)).toEqual(['rejected', 'rejected']);
    await once(post({ name: 'A' }));
    expect(send).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['content', post({ name: 'B' })],
    ['address', post({ name: 'A' }, {}, `${address}/x`)],
    ['merchant', post({ name: 'A' }, { 'Zhanggui-Tenant': 'ten_2' })],
    ['submission', post({ name: 'A' }, { 'Idempotency-Key': 'ui-2' })],
  ])('takes another %s for another change', async (_, other) => {
    const send = slow();
    const once = singleFlight(send);
    await Promise.all([once(post({ name: 'A' })), once(other)]);
    expect(send).toHaveBeenCalledTimes(2);
  });

  it('leaves questions and parts of files as they are', async () => {
    const send = slow();
    const once = singleFlight(send);
    const part = () => new Request(address, { method: 'PUT', body: 'x', headers: { 'Content-Type': 'application/octet-stream' } });
    await Promise.all([once(new Request(address)), once(new Request(address)), once(part()), once(part())]);
    expect(send).toHaveBeenCalledTimes(4);
  });
});
