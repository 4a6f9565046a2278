import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { settled } from './browser.ts';
import type { Order } from './money.ts';
import type { Person } from './person.ts';

/** What a list shows is written to a file, which is fetched and read: its filters hold, and every number is whole. */
export async function exportsOrders(person: Person, paid: Order[]): Promise<void> {
  const { page, t } = person;
  await page.goto('/orders?min=10.00&state=succeeded');
  await page.locator('tbody tr[data-row-key]').first().waitFor();
  await settled(page);
  await page.getByTestId('export-payments').click();
  const form = page.getByTestId('export-form');
  await form.getByRole('radio', { name: t('exports.formats.csv') }).check();
  await person.inspect();
  await form.locator('button[type=submit]').click();
  await page.waitForURL('**/exports');
  const row = page.locator('tbody tr[data-row-key]').first();
  await row.getByText(t('exports.states.ready')).waitFor();
  await person.inspect();
  const [file] = await Promise.all([page.waitForEvent('download'), row.getByRole('button', { name: t('exports.download') }).click()]);
  const text = await readFile(await file.path(), 'utf8');
  assert.equal(text.charCodeAt(0), 0xfeff, 'the file says that it is UTF-8');
  const lines = text.trimEnd().split('\r\n');
  assert.equal(lines.length, paid.length + 1, 'a heading, and a line for each order of the list');
  for (const order of paid) assert.equal(lines.filter((line) => line.includes(order.order_no)).length, 1, `${order.order_no} in the file`);
}
