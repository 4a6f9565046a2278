import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { settled } from './browser.ts';
import type { Order } from './money.ts';
import type { Person } from './person.ts';

const rows = (page: Page) => page.locator('tbody tr[data-row-key]');

/** The headings of the list, in order. */
async function headings(page: Page): Promise<string[]> {
  await rows(page).first().waitFor();
  return (await page.locator('thead th').allTextContents()).filter((text) => text !== '');
}

/** Hides one column and moves another to the front by the keyboard. */
export async function choosesColumns(person: Person): Promise<string[]> {
  const { page, t } = person;
  await page.goto('/orders');
  const usual = await headings(page);
  await page.getByTestId('columns').click();
  const dialog = page.getByTestId('columns-dialog');
  await dialog.getByRole('checkbox', { name: t('orders.subject'), exact: true }).uncheck();
  const up = dialog.getByRole('button', { name: t('lists.up', { column: t('orders.amount') }), exact: true });
  await up.focus();
  while (await up.isEnabled()) await page.keyboard.press('Enter');
  await person.inspect();
  await dialog.getByRole('button', { name: t('common.done'), exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const wanted = [t('orders.amount'), ...usual.filter((title) => title !== t('orders.amount') && title !== t('orders.subject'))];
  assert.deepEqual(await headings(page), wanted, 'the headings of the list');
  await settled(page);
  return wanted;
}

/** Saves what is paid today under a name, to open the list with. */
export async function savesView(person: Person, name: string): Promise<void> {
  const { page, t } = person;
  await page.goto('/orders?range=today&state=succeeded');
  await page.getByTestId('save-view').click();
  const form = page.getByTestId('view-form');
  await form.locator('button[type=submit]').click();
  await form.getByText(t('lists.nameMissing')).waitFor();
  await form.getByLabel(t('lists.viewName')).fill(name);
  await form.getByRole('checkbox', { name: t('lists.firstView') }).check();
  await person.inspect();
  await form.locator('button[type=submit]').dblclick();
  await page.locator('.zg-view[aria-current]').getByText(name).waitFor();
  assert.equal(await page.locator('.zg-view').count(), 2, 'all, and the view that was saved once');
  await settled(page);
}

/** Finds the columns and the view in a browser that has never been here; the view opens by itself, and what it leaves out is a click away. */
export async function findsThemElsewhere(person: Person, name: string, columns: string[], paid: Order, failed: Order): Promise<void> {
  const { page, t } = person;
  await page.goto('/orders');
  await page.locator('.zg-view[aria-current]').getByText(name).waitFor();
  assert.equal(new URL(page.url()).searchParams.get('range'), 'today', 'the period still moves with the clock');
  assert.deepEqual(await headings(page), columns, 'the headings of the list in another browser');
  await rows(page).filter({ hasText: paid.order_no }).waitFor();
  assert.equal(await rows(page).filter({ hasText: failed.order_no }).count(), 0, 'what the view leaves out');
  await person.inspect();
  await page.locator('.zg-view').getByText(t('common.allRows'), { exact: true }).click();
  await rows(page).filter({ hasText: failed.order_no }).waitFor();
  assert.equal(new URL(page.url()).search, '', 'everything has an address without filters');
}

/** A list that its filters leave empty says which they are, and widens with one click each. */
export async function widensNothing(person: Person): Promise<void> {
  const { page, t } = person;
  await page.goto('/orders?range=yesterday&min=99999.00');
  const nothing = page.getByTestId('nothing-found');
  await nothing.waitFor();
  await page.getByTestId('empty').getByText(t('lists.why', { period: t('orders.period.yesterday'), count: 1 })).waitFor();
  await person.inspect();
  await nothing.getByRole('button', { name: t('lists.widenTo', { period: t('orders.period.7d') }), exact: true }).click();
  await page.getByTestId('empty').getByText(t('lists.why', { period: t('orders.period.7d'), count: 1 })).waitFor();
  await nothing.getByRole('button', { name: t('lists.dropFilter', { filter: `${t('orders.minAmount')} ¥99999.00` }), exact: true }).click();
  await rows(page).first().waitFor();
  assert.equal(new URL(page.url()).search, '?range=7d', 'the wider address');
}

/** Has the list written to a file, which has the columns that are shown, in their order, and no others. */
export async function exportsWhatIsShown(person: Person, paid: Order): Promise<void> {
  const { page, t } = person;
  await page.goto('/orders?state=succeeded&cols=amount,state,number');
  await rows(page).filter({ hasText: paid.order_no }).waitFor();
  await page.getByTestId('export-payments').click();
  const form = page.getByTestId('export-form');
  await form.getByRole('radio', { name: t('exports.formats.csv') }).check();
  await form.locator('button[type=submit]').click();
  await page.waitForURL('**/exports');
  await rows(page).first().getByText(t('exports.states.ready')).waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), rows(page).first().getByRole('button', { name: t('exports.download') }).click()]);
  const [heading, ...lines] = (await readFile(await file.path(), 'utf8')).replace('\ufeff', '').trimEnd().split('\r\n');
  assert.deepEqual(heading!.split(','), ['金额（元）', '已退金额（元）', '状态', '平台订单号', '商户订单号'], 'the columns of the file');
  assert.ok(lines.some((line) => line.includes(paid.order_no)), 'the order in the file');
}

/** Asks about orders in doubt at once, by a click that is a double one; each is asked once. */
export async function asksAboutSeveral(person: Person, doubtful: Order[]): Promise<void> {
  const { page, t } = person;
  await page.goto('/orders?unknown=true');
  for (const order of doubtful) await page.getByRole('checkbox', { name: t('orders.choose', { number: order.order_no }) }).check();
  await page.getByTestId('bulk-bar').getByRole('button', { name: t('orders.askChosen') }).click();
  const before = person.count('POST', /\/sync$/);
  await page.getByRole('dialog').getByRole('button', { name: t('lists.ask'), exact: true }).dblclick();
  const summary = page.locator('[data-testid="bulk-summary"][data-done="true"]');
  await summary.getByRole('status').getByText(t('lists.bulkResult', { all: doubtful.length, done: doubtful.length, refused: 0, unknown: 0 })).waitFor();
  await person.inspect();
  assert.equal(person.count('POST', /\/sync$/) - before, doubtful.length, 'questions');
  await summary.getByRole('button', { name: t('common.done'), exact: true }).click();
}
