import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { item, type Order, result, scan, way } from './money.ts';
import type { Person } from './person.ts';
import type { Simulator, Stand } from './stand.ts';

/** A further provider account of the merchant, by the API that the console itself uses. */
export async function addAccount(person: Person, tenant: string, simulator: Simulator): Promise<Till> {
  const { settings, credentials } = simulator.contract;
  const { id } = await ask(person, tenant, 'POST', '/v1/accounts', { provider: simulator.provider, name: simulator.provider, base_url: simulator.baseURL, settings });
  await ask(person, tenant, 'PUT', `/v1/accounts/${id}/credentials`, { credentials: Object.entries(credentials).map(([name, text]) => ({ name, text })) });
  await ask(person, tenant, 'POST', `/v1/accounts/${id}/test`, {});
  await ask(person, tenant, 'POST', `/v1/accounts/${id}/status`, { status: 'live' });
  return { id, live: true };
}

/** A merchant's account at a provider, and whether it takes payments. */
export interface Till {
  id: string;
  live: boolean;
}

/** Has one of the merchant's accounts take payments and the others not, so that the till offers what its provider has. */
export async function only(person: Person, tenant: string, accounts: Record<string, Till>, provider: string): Promise<void> {
  for (const [name, account] of Object.entries(accounts)) {
    if (account.live === (name === provider)) continue;
    account.live = !account.live;
    await ask(person, tenant, 'POST', `/v1/accounts/${account.id}/status`, { status: account.live ? 'live' : 'disabled' });
  }
}

/** Asks the API with the person's own session. */
async function ask(person: Person, tenant: string, method: string, path: string, body: object): Promise<{ id: string }> {
  const { status, text } = await person.page.evaluate(
    async (request) => {
      const session = (await (await fetch('/v1/session')).json()) as { csrf_token: string };
      const headers = { 'Content-Type': 'application/json', 'Zhanggui-Tenant': request.tenant, 'X-CSRF-Token': session.csrf_token };
      const reply = await fetch(request.path, { method: request.method, headers, body: request.body });
      return { status: reply.status, text: await reply.text() };
    },
    { tenant, method, path, body: JSON.stringify(body) },
  );
  assert.ok(status < 300, `${method} ${path}: ${status} ${text}`);
  return JSON.parse(text) as { id: string };
}

/** What a way is taken with: whose wallet, and whether the page is looked at. */
interface How {
  channel?: string;
  look?: boolean;
}

/** Chooses a way to pay and fills what every way asks for. */
async function begin(person: Person, method: string, amount: string, channel?: string): Promise<void> {
  const { page, t } = person;
  await way(person, method);
  await page.getByLabel(t('till.amount'), { exact: true }).fill(amount);
  if (!channel) return;
  await page.getByLabel(t('till.channel'), { exact: true }).click();
  await page.locator('.ant-select-item-option').filter({ hasText: channel }).last().click();
}

/** Sends the form and gives the order that it became. */
async function sent(person: Person): Promise<Order> {
  const reply = person.page.waitForResponse((r) => r.request().method() === 'POST' && r.url().endsWith('/v1/payments'));
  await person.page.getByTestId('till-submit').click();
  const made = await reply;
  assert.ok(made.ok(), `the payment was taken: ${made.status()} ${await made.text()}`);
  return (await made.json()) as Order;
}

export async function next(person: Person): Promise<void> {
  await person.page.getByTestId('till-next').click();
  await result(person).getByText(person.t('till.idle')).waitFor();
}

/** A code that the payer scans with a phone. */
export async function byQR(person: Person, simulator: Simulator, method: string, amount: string, { channel, look }: How = {}): Promise<Order> {
  await begin(person, method, amount, channel);
  const order = await sent(person);
  await person.page.getByTestId('till-qr').locator('svg[aria-label]').waitFor();
  if (look) await person.inspect();
  await simulator.pay(order.order_no);
  await result(person, 'succeeded').waitFor();
  await next(person);
  return order;
}

/** Parameters for a page inside a wallet. */
export async function inWallet(person: Person, simulator: Simulator, method: string, amount: string, { channel, look }: How = {}): Promise<Order> {
  const { page, t } = person;
  await begin(person, method, amount, channel);
  await page.getByLabel(t('till.payerId'), { exact: true }).fill('oDEMO-payer-of-wechat-0001');
  const order = await sent(person);
  await page.getByTestId('next-fields').or(page.getByTestId('next-url')).waitFor();
  if (look) await person.inspect();
  await simulator.pay(order.order_no);
  await result(person, 'succeeded').waitFor();
  await next(person);
  return order;
}

/** A code that the payer's app shows. */
export async function byBarcode(person: Person, simulator: Simulator, amount: string): Promise<Order> {
  await person.page.getByTestId('till-form').waitFor();
  // Where there is only one way, nothing is to be chosen.
  if (await person.page.getByTestId('way-barcode').isVisible()) await way(person, 'barcode');
  await scan(person, amount, simulator.code('paid'));
  await result(person, 'succeeded').waitFor();
  const order = person.reply<Order>('POST', /\/v1\/payments$/);
  await next(person);
  return order;
}

/** A page for the payer's own browser, as a link and a code. What is missing is told first. */
export async function byLink(person: Person, simulator: Simulator, method: string, amount: string, { channel, look }: How = {}): Promise<Order> {
  const { page, t } = person;
  await begin(person, method, amount, channel);
  const address = page.getByLabel(t('till.clientIp'), { exact: true });
  if (await address.isVisible()) {
    await page.getByTestId('till-submit').click();
    await item(page, t('till.clientIp')).locator('.ant-form-item-explain-error').waitFor();
    await address.fill('203.0.113.7');
  }
  const back = page.getByLabel(t('till.returnUrl'), { exact: true });
  if (await back.isVisible()) await back.fill('https://shop.example/paid');
  const order = await sent(person);
  await page.getByTestId('next-url').waitFor();
  if (look) await person.inspect();
  await simulator.pay(order.order_no);
  await result(person, 'succeeded').waitFor();
  await next(person);
  return order;
}

/** The bank's page, which the payer's own browser brings the order to. */
export async function byBankPage(person: Person, simulator: Simulator, amount: string, bank: string): Promise<Order> {
  const { page } = person;
  await begin(person, 'gateway_form', amount, bank);
  const order = await sent(person);
  await person.inspect();
  const [paying] = await Promise.all([person.context.waitForEvent('page'), page.getByTestId('next-open').click()]);
  await paying.locator('#order').waitFor();
  await paying.close();
  await simulator.pay(order.order_no);
  await result(person, 'succeeded').waitFor();
  await next(person);
  return order;
}

/** A code that stands on the counter; nobody pays it here. */
export async function showsStaticCode(person: Person, amount: string): Promise<void> {
  await begin(person, 'static_code', amount);
  await sent(person);
  await person.page.getByTestId('till-qr').locator('svg[aria-label]').waitFor();
  await next(person);
}

export const card = { number: '6228480000000000019', holder: '演示', idNumber: '110101199001010000', phone: '13800000000', code: '123456' };

async function fillCard(person: Person, number = card.number): Promise<void> {
  const { page, t } = person;
  const fields = page.getByTestId('card-fields');
  for (const [field, text] of Object.entries({ number, holder: card.holder, phone: card.phone, idNumber: card.idNumber })) await fields.getByLabel(t(`card.${field}`), { exact: true }).fill(text);
}

/** A card with a code by SMS; a wrong code is refused beside its field. */
export async function byCard(person: Person, amount: string): Promise<Order> {
  const { page } = person;
  await begin(person, 'card', amount);
  await fillCard(person);
  await person.inspect();
  const order = await sent(person);
  await page.getByTestId('code-form').waitFor();
  await page.getByTestId('code-form').locator('input').fill('12');
  await page.getByTestId('code-submit').click();
  await page.getByTestId('code-form').locator('.ant-form-item-explain-error').waitFor();
  await person.inspect();
  // Another code is not sent so soon: the button counts down until it is.
  const again = page.getByTestId('code-resend');
  await again.click();
  await again.and(page.locator(':disabled')).waitFor();
  assert.match((await again.textContent())!, /\d+/, 'the seconds that are left');
  await page.getByTestId('code-form').locator('input').fill(card.code);
  await page.getByTestId('code-submit').click();
  await result(person, 'succeeded').waitFor();
  await next(person);
  return order;
}

/** Begins to bind a member's card, and leaves before the code is handed in. */
async function leavesBinding(person: Person, member: string, number: string): Promise<Locator> {
  const { page, t } = person;
  await page.getByTestId('bind-card').click();
  const form = page.getByTestId('bind-form');
  await form.getByLabel(t('cards.userRef'), { exact: true }).fill(member);
  await fillCard(person, number);
  await person.inspect();
  await form.locator('button[type=submit]').click();
  await page.getByTestId('bind-code-form').getByRole('button', { name: t('common.close'), exact: true }).click();
  await page.getByTestId('bind-code-form').waitFor({ state: 'detached' });
  const row = page.locator('tbody tr[data-row-key]').filter({ hasText: member });
  await row.getByText(t('cards.states.pending')).waitFor();
  return row;
}

/** Of two bindings that were left, one is gone on with, by a code that is wrong at first; the other is dropped. */
export async function bindsCard(person: Person): Promise<void> {
  const { page, t } = person;
  await page.goto('/cards');
  await page.getByTestId('empty').waitFor();
  await person.inspect();
  const kept = await leavesBinding(person, 'member-1', card.number);
  await kept.getByTestId('card-go-on').click();
  const form = page.getByTestId('bind-code-form');
  await form.locator('button[type=submit]').click();
  await form.getByText(t('till.problems.cardNumber')).waitFor();
  await person.inspect();
  await fillCard(person, card.number);
  for (const code of ['000000', card.code]) {
    if (code === card.code) await form.getByText(t('nextStep.codeRefused'), { exact: false }).waitFor();
    await form.getByLabel(t('nextStep.codeLabel'), { exact: true }).fill(code);
    await form.locator('button[type=submit]').click();
  }
  await form.waitFor({ state: 'detached' });
  await kept.getByText(t('cards.states.bound')).waitFor();

  const left = await leavesBinding(person, 'member-2', '6228480000000000027');
  await left.getByRole('button', { name: t('cards.drop'), exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: t('cards.drop'), exact: true }).click();
  await left.getByText(t('cards.states.unbound')).waitFor();
  await person.inspect();
}

/** A card that was bound is charged with a code by SMS, and unbound. */
export async function byBoundCard(person: Person, amount: string): Promise<Order> {
  const { page, t } = person;
  await page.goto('/take-payment');
  await begin(person, 'bound_card', amount);
  await page.getByLabel(t('till.boundCard'), { exact: true }).click();
  await page.locator('.ant-select-item-option').filter({ hasText: 'member-1' }).click();
  await page.getByLabel(/手机号|phone/i).fill(card.phone);
  const order = await sent(person);
  await page.getByTestId('code-form').locator('input').fill(card.code);
  await page.getByTestId('code-submit').click();
  await result(person, 'succeeded').waitFor();
  await page.goto('/cards');
  const row = page.locator('tbody tr[data-row-key]').filter({ hasText: 'member-1' });
  await row.getByRole('button', { name: t('cards.unbind'), exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: t('cards.unbind'), exact: true }).click();
  await row.getByText(t('cards.states.unbound')).waitFor();
  return order;
}

/** The switch of a simulated provider: its answers are lost until it is taken back. */
export async function losesAnswers(stand: Stand, provider: string, on: boolean): Promise<void> {
  const url = `${stand.said.simulator.control[provider]}/faults`;
  const reply = on ? await fetch(url, { method: 'POST', body: JSON.stringify({ rules: [{ id: 'till', kind: 'lost-after' }] }) }) : await fetch(`${url}/till`, { method: 'DELETE' });
  assert.ok(reply.ok, `the switch: ${reply.status} ${await reply.text()}`);
}
