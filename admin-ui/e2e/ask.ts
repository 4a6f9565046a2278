import assert from 'node:assert/strict';
import type { Person } from './person.ts';

/** Asks the API as the person's own browser would, for what a story needs and is not about. */
export async function ask<Reply>(person: Person, method: string, path: string, body: string, about: { tenant?: string; type?: string; key?: string; wait?: number } = {}): Promise<Reply> {
  const script = `(async () => {
    const me = await (await fetch('/v1/session')).json();
    const tenant = ${JSON.stringify(about.tenant ?? null)} ?? me.user.roles[0].tenant_id;
    const headers = { 'Content-Type': ${JSON.stringify(about.type ?? 'application/json')}, 'X-CSRF-Token': me.csrf_token, ...(tenant && { 'Zhanggui-Tenant': tenant }), ...(${JSON.stringify(about.key ?? null)} && { 'Idempotency-Key': ${JSON.stringify(about.key ?? null)}, Prefer: 'wait=${about.wait ?? 60}' }) };
    const reply = await fetch(${JSON.stringify(path)}, { method: ${JSON.stringify(method)}, headers, ${method === 'GET' ? '' : `body: ${JSON.stringify(body)}`} });
    return [reply.status, await reply.text()];
  })()`;
  const [status, text] = await person.page.evaluate<[number, string]>(script);
  assert.ok(status < 300, `${method} ${path}: ${status} ${text}`);
  return JSON.parse(text) as Reply;
}
