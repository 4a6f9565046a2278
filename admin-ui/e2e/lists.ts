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
  const { page } = person;
  await page.goto('/orders?state=succeeded&cols=amount,state,number');
  await rows(page).filter({ hasText: paid.order_no }).waitFor();
  const [heading, ...lines] = await fileOf(person);
  assert.deepEqual(heading!.split(','), ['金额（元）', '已退金额（元）', '状态', '平台订单号', '商户订单号'], 'the columns of the file');
  assert.ok(lines.some((line) => line.includes(paid.order_no)), 'the order in the file');
}

/** The lines of a list's file, the heading first. */
async function fileOf({ page, t }: Person): Promise<string[]> {
  await page.getByTestId('export-payments').click();
  const form = page.getByTestId('export-form');
  await form.getByRole('radio', { name: t('exports.formats.csv') }).check();
  await form.locator('button[type=submit]').click();
  await page.waitForURL('**/exports');
  await rows(page).first().getByText(t('exports.states.ready')).waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), rows(page).first().getByRole('button', { name: t('exports.download') }).click()]);
  return (await readFile(await file.path(), 'utf8')).replace('\ufeff', '').trimEnd().split('\r\n');
}

/** Every list that its filters leave empty says so, and leads on to where a row may be. */
export async function saysWhyNothing(owner: Person, admin: Person): Promise<void> {
  const nowhere: [Person, string[]][] = [
    [owner, ['/refunds?state=failed', '/payouts?state=failed', '/payouts/batches?state=invalid', '/approvals?kind=payout', '/alerts?kind=correction', '/callbacks?effect=replayed',
      '/exports?state=failed', '/differences?kind=total', '/audit?object=nothing', '/members?uid=nobody', '/cards?user=nobody', '/cases?kind=callback_replayed']],
    [admin, ['/merchants?search=nobody']],
  ];
  for (const [person, addresses] of nowhere) {
    for (const address of addresses) {
      await person.page.goto(address);
      await person.page.getByTestId('nothing-found').getByRole('list').getByRole('button').waitFor();
    }
    await person.inspect();
  }
  const { page, t } = owner;
  await page.getByTestId('nothing-found').getByRole('button', { name: t('lists.lookIn', { part: t('cases.all') }), exact: true }).click();
  await page.waitForURL('**/cases?kind=callback_replayed&all=true');
  await page.getByTestId('nothing-found').getByRole('button', { name: t('common.clearFilters'), exact: true }).click();
  await rows(page).first().waitFor();
}

/** Many orders are gone through page by page in the order of a heading that was clicked, and all of them are in the file. */
export async function goesThroughMany(person: Person, many: number): Promise<void> {
  const { page, t } = person;
  const numbers = async () => (await rows(page).locator('a').allTextContents()).map((text) => text.trim());
  const at = (n: number) => `MANY${String(n).padStart(16, '0')}`;
  const down = (from: number, length: number) => Array.from({ length }, (_, i) => at(from - i));
  const heading = page.getByRole('columnheader', { name: t('orders.amount'), exact: true });
  await page.goto('/orders?min=10000.00');
  await rows(page).filter({ hasText: at(1) }).waitFor();
  await heading.getByRole('button').click();
  await page.waitForURL('**/orders?min=10000.00&sort=largest');
  await rows(page).filter({ hasText: at(many) }).waitFor();
  await settled(page);
  const first = await numbers();
  assert.ok(first.length <= 100, `${first.length} rows on a page`);
  assert.deepEqual(first, down(many, first.length), 'the largest first');
  assert.equal(await heading.getAttribute('aria-sort'), 'descending');
  await person.inspect();
  await person.button('common.nextPage').click();
  await rows(page).filter({ hasText: at(many - first.length) }).waitFor();
  assert.deepEqual(await numbers(), down(many - first.length, first.length), 'the next largest');
  await page.reload();
  await rows(page).filter({ hasText: at(many - first.length) }).waitFor();
  await heading.getByRole('button').click();
  await rows(page).filter({ hasText: at(1) }).waitFor();
  assert.equal(new URL(page.url()).search, '?min=10000.00&sort=smallest', 'the other way round, from its first page');
  assert.equal((await fileOf(person)).length, many + 1, 'a heading, and a line for each');
}

/** Asks about orders in doubt at once, by a click that is a double one; each is asked once. */
export async function asksAboutSeveral(person: Person, list: '/orders?unknown=true' | '/cases', doubtful: Order[]): Promise<void> {
  const { page, t } = person;
  const asking = list === '/cases' ? /\/v1\/cases\/.*\/ask$/ : /\/v1\/payments\/.*\/sync$/;
  await page.goto(list);
  for (const order of doubtful) await page.getByRole('checkbox', { name: t(list === '/cases' ? 'cases.choose' : 'orders.choose', { number: order.order_no }) }).check();
  await page.getByTestId('bulk-bar').getByRole('button', { name: t('orders.askChosen') }).click();
  const before = person.count('POST', asking);
  await page.getByRole('dialog').getByRole('button', { name: t('lists.ask'), exact: true }).dblclick();
  const summary = page.locator('[data-testid="bulk-summary"][data-done="true"]');
  await summary.getByRole('status').getByText(t('lists.bulkResult', { all: doubtful.length, done: doubtful.length, refused: 0, unknown: 0 })).waitFor();
  await person.inspect();
  assert.equal(person.count('POST', asking) - before, doubtful.length, 'questions');
  await summary.getByRole('button', { name: t('common.done'), exact: true }).click();
}
