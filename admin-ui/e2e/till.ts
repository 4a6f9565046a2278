import assert from 'node:assert/strict';
import { item, type Order, result, way } from './money.ts';
import type { Person } from './person.ts';
import type { Simulator } from './stand.ts';

/** A further provider account of the merchant, by the API that the console itself uses. */
export async function addAccount(person: Person, tenant: string, simulator: Simulator): Promise<void> {
  const { settings, credentials } = simulator.contract;
  const { id } = await ask(person, tenant, 'POST', '/v1/accounts', { provider: simulator.provider, name: simulator.provider, base_url: simulator.baseURL, settings });
  await ask(person, tenant, 'PUT', `/v1/accounts/${id}/credentials`, { credentials: Object.entries(credentials).map(([name, text]) => ({ name, text })) });
  await ask(person, tenant, 'POST', `/v1/accounts/${id}/test`, {});
  await ask(person, tenant, 'POST', `/v1/accounts/${id}/status`, { status: 'live' });
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
export async function byQR(person: Person, simulator: Simulator, method: string, amount: string, channel?: string): Promise<Order> {
  await begin(person, method, amount, channel);
  const order = await sent(person);
  await person.page.getByTestId('till-qr').locator('svg[aria-label]').waitFor();
  await person.inspect();
  await simulator.pay(order.order_no);
  await result(person, 'succeeded').waitFor();
  await next(person);
  return order;
}

/** Parameters for a page inside a wallet. */
export async function inWallet(person: Person, simulator: Simulator, method: string, amount: string, channel?: string): Promise<Order> {
  const { page, t } = person;
  await begin(person, method, amount, channel);
  await page.getByLabel(t('till.payerId'), { exact: true }).fill('oDEMO-payer-of-wechat-0001');
  const order = await sent(person);
  await page.getByTestId('next-fields').or(page.getByTestId('next-url')).waitFor();
  await person.inspect();
  await simulator.pay(order.order_no);
  await result(person, 'succeeded').waitFor();
  await next(person);
  return order;
}

/** A page for the payer's own browser, as a link and a code. What is missing is told first. */
export async function byLink(person: Person, simulator: Simulator, method: string, amount: string, channel: string): Promise<Order> {
  const { page, t } = person;
  await begin(person, method, amount, channel);
  await page.getByTestId('till-submit').click();
  await item(page, t('till.clientIp')).locator('.ant-form-item-explain-error').waitFor();
  await page.getByLabel(t('till.clientIp'), { exact: true }).fill('203.0.113.7');
  await page.getByLabel(t('till.returnUrl'), { exact: true }).fill('https://shop.example/paid');
  const order = await sent(person);
  await page.getByTestId('next-url').waitFor();
  await person.inspect();
  await simulator.pay(order.order_no);
  await result(person, 'succeeded').waitFor();
  await next(person);
  return order;
}

export const card = { number: '6228480000000000019', holder: '演示', idNumber: '110101199001010000', phone: '13800000000', code: '123456' };

async function fillCard(person: Person): Promise<void> {
  const { page, t } = person;
  for (const field of ['number', 'holder', 'phone', 'idNumber'] as const) await page.getByLabel(t(`card.${field}`), { exact: true }).fill(card[field]);
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
  await page.getByTestId('code-form').locator('input').fill(card.code);
  await page.getByTestId('code-submit').click();
  await result(person, 'succeeded').waitFor();
  await next(person);
  return order;
}
