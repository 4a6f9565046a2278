import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { confirmed } from './confirm.ts';
import { item, type Order } from './money.ts';
import { beside } from './onboarding.ts';
import type { Person } from './person.ts';
import type { Receiver } from './receiver.ts';

/** What the API says to a program. */
export interface Said<Body> {
  status: number;
  body: Body;
}

export interface Problem {
  code: string;
  detail: string;
  request_id: string;
}

/** A merchant's program: it has a key, and nothing of the browser. */
export class Program {
  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  async ask<Body>(method: string, path: string, body?: object, key?: string): Promise<Said<Body>> {
    const headers = { Authorization: `Bearer ${this.key}`, 'Content-Type': 'application/json', Prefer: 'wait=20', ...(key && { 'Idempotency-Key': key }) };
    const reply = await fetch(this.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    return { status: reply.status, body: (await reply.json()) as Body };
  }
}

/** Waits for something that happens outside the browser. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 120_000; !(await holds()); ) {
    if (Date.now() > end) throw new Error(`It did not come to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Makes a key; it is shown once and never again. */
export async function makesKey(person: Person, name: string, password: string): Promise<string> {
  const { page, t } = person;
  await page.goto('/api-keys');
  await page.getByTestId('empty').waitFor();
  await person.inspect();
  await person.button('apiKeys.new').click();
  const form = page.getByTestId('api-key-form');
  await form.locator('button[type=submit]').click();
  assert.equal(await beside(item(page, t('apiKeys.name'))), t('apiKeys.nameRequired'));
  await form.getByLabel(t('apiKeys.name')).fill(name);
  await person.inspect();
  await form.locator('button[type=submit]').click();
  const shown = page.getByTestId('api-key-secret').locator('.zg-mono');
  await confirmed(person, password, shown);
  const key = (await shown.textContent())!;
  assert.match(key, /^zgk_/);
  await person.inspect();
  await person.button('common.done').click();
  await shown.waitFor({ state: 'detached' });
  await page.reload();
  await row(person, name).getByText(t('apiKeys.neverUsed')).waitFor();
  assert.ok(!(await page.content()).includes(key), 'the key is not shown again');
  assert.equal(person.replies.filter((r) => r.text.includes(key)).length, 1, 'the server said the key once');
  return key;
}

/** A row of the list that is open. */
export function row(person: Person, text: string | RegExp): Locator {
  return person.page.locator('tbody tr[data-row-key]').filter({ hasText: text });
}

/** Makes an endpoint, after an address that leads into a private network; the secret is shown once. */
export async function makesWebhook(person: Person, receiver: Receiver, description: string): Promise<void> {
  const { page, t } = person;
  await page.goto('/webhooks');
  await page.getByTestId('empty').waitFor();
  await person.inspect();
  await person.button('webhooks.new').click();
  const form = page.getByTestId('webhook-form');
  await form.getByLabel(t('webhooks.url')).fill('https://10.0.0.8/hook');
  await form.getByLabel(t('webhooks.description')).fill(description);
  await form.locator('button[type=submit]').click();
  await beside(item(page, t('webhooks.url')));
  await person.inspect();
  await form.getByLabel(t('webhooks.url')).fill(receiver.url);
  await form.locator('button[type=submit]').click();
  await keepsSecret(person, receiver);
  await row(person, description).getByRole('link', { name: description }).click();
  await page.getByTestId('webhook-secrets').waitFor();
  await person.inspect();
}

/** Takes the secret that is shown, and leaves. */
export async function keepsSecret(person: Person, receiver: Receiver): Promise<string> {
  const shown = person.page.getByTestId('webhook-secret').locator('.zg-mono');
  await shown.waitFor();
  const secret = (await shown.textContent())!;
  assert.match(secret, /^whsec_/);
  receiver.secrets.push(secret);
  await person.inspect();
  await person.button('common.done').click();
  await shown.waitFor({ state: 'detached' });
  assert.ok(!(await person.page.content()).includes(secret), 'the secret is not shown again');
  return secret;
}

/** Sends a test from the endpoint's page, and reads what the receiver answered. */
export async function tests(person: Person, receiver: Receiver, taken: boolean): Promise<void> {
  const { page } = person;
  await person.button('webhooks.test').click();
  await person.button('webhooks.testNow').click();
  const result = page.locator(`[data-testid="webhook-test"][data-state="${taken ? 'delivered' : 'failed'}"]`);
  await result.waitFor();
  if (!taken) await result.getByText(receiver.answer.body).waitFor();
  else {
    await result.locator('summary').click();
    await result.getByText(receiver.answer.body).waitFor();
  }
  await person.inspect();
  await person.button('common.done').click();
  await result.waitFor({ state: 'detached' });
}

/** What an order's page says that the merchant was told of it. */
export function notice(person: Person, type: string): Locator {
  return person.page.locator(`[data-testid="notice"][data-type="${type}"]`);
}

export async function openById(person: Person, order: Order): Promise<void> {
  await person.page.goto(`/orders/${order.id}`);
  await person.page.getByTestId('timeline').waitFor();
}
