import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { settled } from './browser.ts';
import { beside } from './onboarding.ts';
import type { Person } from './person.ts';
import type { Fate, Simulator } from './stand.ts';

export interface Order {
  id: string;
  order_no: string;
  amount: number;
}

export type Shown = 'succeeded' | 'processing' | 'unknown' | 'requires_action';

export function result(person: Person, shown?: Shown) {
  return person.page.locator(`[data-testid="till-result"]${shown ? `[data-state="${shown}"]` : ''}`);
}

/** A form's item by its label. */
export function item(page: Page, label: string) {
  return page.locator('.ant-form-item').filter({ has: page.getByText(label, { exact: true }) });
}

/** Types an amount and scans a code, as a cashier does: the scanner types and presses Enter. */
export async function scan(person: Person, amount: string, code: string): Promise<void> {
  const { page, t } = person;
  await page.getByLabel(t('till.amount'), { exact: true }).fill(amount);
  await page.keyboard.press('Enter');
  await page.locator('[id$="code"]:focus').waitFor();
  await page.keyboard.type(code);
  await page.keyboard.press('Enter');
}

/** Chooses how the customer pays. */
export async function way(person: Person, method: string): Promise<void> {
  await person.page.getByTestId(`way-${method}`).click();
}

/** Takes a payment by barcode and waits for what the till shows, one after the other. */
export async function charge(person: Person, simulator: Simulator, amount: string, fate: Fate, shown: Shown[]): Promise<Order & { code: string }> {
  const code = simulator.code(fate);
  await scan(person, amount, code);
  for (const state of shown) await result(person, state).waitFor();
  await person.inspect();
  return { ...person.reply<Order>('POST', /\/v1\/payments$/), code };
}

export async function nextCustomer(person: Person): Promise<void> {
  await person.page.getByTestId('till-next').click();
  await result(person).getByText(person.t('till.idle')).waitFor();
}

/** Shows a QR code, which somebody pays with a phone. */
export async function chargeByQR(person: Person, simulator: Simulator, amount: string): Promise<Order> {
  const { page, t } = person;
  await way(person, 'qr');
  await page.getByLabel(t('till.amount'), { exact: true }).fill(amount);
  await page.getByTestId('till-submit').click();
  await beside(item(page, t('till.channel')));
  await page.getByLabel(t('till.channel'), { exact: true }).click();
  await page.locator('.ant-select-item-option').first().click();
  await page.getByTestId('till-submit').click();
  await page.getByTestId('till-qr').locator('svg[aria-label]').waitFor();
  await person.inspect();
  const order = person.reply<Order>('POST', /\/v1\/payments$/);
  await simulator.pay(order.order_no);
  await result(person, 'succeeded').waitFor();
  return order;
}

/** What cannot be an amount or a code is told beside the field, before anything is sent. */
export async function refusedAtTheTill(person: Person, code: string): Promise<void> {
  const { page, t } = person;
  const cases = { '': 'empty', '0': 'zero', '0.00': 'zero', '1.234': 'decimals', '-1': 'format', '1e3': 'format', abc: 'format', '１２.５０': 'fullWidth', '9223372036854775808': 'format', '100000000': 'tooLarge' };
  const before = person.count('POST', /\/v1\/payments$/);
  await way(person, 'barcode');
  await page.getByLabel(t('till.code'), { exact: true }).fill(code);
  for (const [amount, problem] of Object.entries(cases)) {
    await page.getByLabel(t('till.amount'), { exact: true }).fill(amount);
    await page.getByTestId('till-submit').click();
    assert.equal(await beside(item(page, t('till.amount'))), t(`amount.${problem}`), `the amount ${amount}`);
  }
  assert.equal(person.count('POST', /\/v1\/payments$/), before, 'a bad amount is not sent');
  await person.inspect();
  await page.getByLabel(t('till.amount'), { exact: true }).fill('1');
  await page.getByLabel(t('till.code'), { exact: true }).fill('');
  await page.getByTestId('till-submit').click();
  assert.equal(await beside(item(page, t('till.code'))), t('till.problems.codeRequired'));
  for (const bad of ['hello', '99123', '９１２３４５６７８９０１２３４５６７', '281234567890120101281234567890120101']) {
    await page.getByLabel(t('till.code'), { exact: true }).fill(bad);
    const sent = page.waitForResponse((r) => r.request().method() === 'POST' && r.url().endsWith('/v1/payments'));
    await page.getByTestId('till-submit').click();
    assert.equal(Math.floor((await sent).status() / 100), 4, `the code ${bad}`);
    assert.equal(await beside(item(page, t('till.code'))), t('errors.invalid_payer_code'), `the code ${bad}`);
  }
}

export async function openOrder(person: Person, order: Order): Promise<void> {
  const { page } = person;
  await page.getByTestId('search-open').click();
  await page.getByTestId('search').fill(order.order_no);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/orders/${order.id}`);
  await page.getByTestId('timeline').waitFor();
  await settled(page);
}

/** Fills the refund dialog and sends it. */
export async function refund(person: Person, page: Page, amount: string | 'all', reason: string): Promise<void> {
  const { t } = person;
  const dialog = page.getByRole('dialog');
  if (amount === 'all') await dialog.getByRole('button', { name: t('refundDialog.all'), exact: true }).click();
  else await dialog.getByLabel(t('refundDialog.amount')).fill(amount);
  await dialog.getByLabel(t('refundDialog.reason')).fill(reason);
  await dialog.locator('button[type=submit]').click();
}

export async function openRefund(person: Person, page: Page, remaining: string): Promise<void> {
  await page.getByRole('button', { name: person.t('orders.refund'), exact: true }).click();
  const shown = page.getByTestId('refund-remaining');
  await shown.waitFor();
  assert.equal(await shown.textContent(), remaining);
}
