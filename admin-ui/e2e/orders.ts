import assert from 'node:assert/strict';
import { openOrder, type Order } from './money.ts';
import type { Person } from './person.ts';
import { settled } from './browser.ts';

/** The list holds every order; a filter stands in the address and survives a reload; a number opens its order. */
export async function findsOrders(person: Person, orders: Order[], doubt: string): Promise<void> {
  const { page, t } = person;
  await page.goto('/orders');
  const rows = page.locator('tbody tr[data-row-key]');
  for (const order of orders) await rows.filter({ hasText: order.order_no }).waitFor();
  assert.equal(await rows.count(), orders.length);
  await person.inspect();
  await page.getByRole('combobox', { name: t('common.status') }).click();
  await page.locator('.ant-select-item-option').filter({ hasText: doubt }).click();
  await page.waitForURL(/[?&]unknown=true/);
  await page.keyboard.press('Escape');
  await page.reload();
  await rows.first().waitFor();
  await settled(page);
  assert.equal(await rows.count(), 1, 'orders in doubt');
  assert.equal(await rows.getByTestId('payment-status').textContent(), doubt);
  await person.inspect();
  await page.goto('/orders?min=10.00&state=succeeded');
  await rows.first().waitFor();
  await settled(page);
  assert.deepEqual((await rows.locator('a').allTextContents()).toSorted(), orders.filter((o) => o.amount >= 1000).map((o) => o.order_no).toSorted());
  const filter = page.getByRole('searchbox', { name: t('orders.anyNumber') });
  await filter.fill(orders[0]!.order_no);
  await filter.press('Enter');
  await page.waitForURL(`**/orders/${orders[0]!.id}`);
}

/** The detail tells what happened and asks the provider again on demand. An order in doubt is not one that failed. */
export async function reads(person: Person, order: Order, doubt: string): Promise<void> {
  const { page, t } = person;
  await openOrder(person, order);
  await page.getByTestId('unknown-note').waitFor();
  assert.equal(await page.locator('h1').getByTestId('payment-status').textContent(), doubt);
  assert.equal(await page.locator('#content').getByText(t('states.payment.failed'), { exact: true }).count(), 0);
  const timeline = page.getByTestId('timeline');
  await timeline.getByText(t('timeline.operations.create_payment')).waitFor();
  await person.inspect();
  const asked = timeline.getByText(t('timeline.operations.query_payment'));
  const before = await asked.count();
  await person.button('orders.sync').click();
  await page.getByText(t('orders.syncDone', { state: doubt })).waitFor();
  await asked.nth(before).waitFor();
  assert.equal(await page.locator('h1').getByTestId('payment-status').textContent(), doubt);
  await person.inspect();
}
