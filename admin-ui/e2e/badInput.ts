import assert from 'node:assert/strict';
import type { Page, Route } from 'playwright-core';
import { settled, sizes } from './browser.ts';
import { openOrder, openRefund, type Order, refund } from './money.ts';
import type { Person } from './person.ts';
import type { Ledger } from './stand.ts';

type Books = (order: Order) => Promise<Ledger>;

const REFUNDS = '**/v1/refunds';

/** Handles the next POST of a refund in its own way, and lets all others through. Gives the keys of all of them. */
async function nextRefund(page: Page, handle: (route: Route) => Promise<void>): Promise<string[]> {
  const sent: string[] = [];
  await page.route(REFUNDS, async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    sent.push(route.request().headers()['idempotency-key'] ?? '');
    return sent.length === 1 ? handle(route) : route.continue();
  });
  return sent;
}

async function refunded(person: Person, order: Order, books: Books, fen: number): Promise<void> {
  const { page, t } = person;
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByTestId('refund-list').getByText(t('states.refund.succeeded')).waitFor();
  const { refunded: gone, refunds } = await books(order);
  assert.deepEqual({ gone, refunds }, { gone: fen, refunds: 1 }, 'the provider refunded once');
  await page.unroute(REFUNDS);
  await person.inspect();
}

async function shownError(page: Page, code: string): Promise<void> {
  await page.getByRole('dialog').locator(`[data-testid="error"][data-code="${code}"]`).waitFor();
}

async function stillFilled(person: Person, amount: string, reason: string): Promise<void> {
  const dialog = person.page.getByRole('dialog');
  assert.equal(await dialog.getByLabel(person.t('refundDialog.amount')).inputValue(), amount);
  assert.equal(await dialog.getByLabel(person.t('refundDialog.reason')).inputValue(), reason);
}

/** The button shows that it works, and a second click is none. */
export async function slow(person: Person, order: Order, books: Books): Promise<void> {
  const { page } = person;
  await openOrder(person, order);
  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (go = resolve));
  const sent = await nextRefund(page, async (route) => {
    await held;
    await route.continue();
  });
  await openRefund(person, page, '¥12.34');
  await refund(person, page, '1.00', 'slow');
  const button = page.getByRole('dialog').locator('button[type=submit]');
  await page.locator('.ant-modal .ant-btn-loading').waitFor();
  await button.dblclick({ force: true });
  await page.keyboard.press('Escape');
  await stillFilled(person, '1.00', 'slow');
  go();
  await refunded(person, order, books, 100);
  assert.equal(sent.length, 1);
}

/** The sentence comes with the number that finds it in the log; the same is sent again under the same number. */
export async function refusesOnce(person: Person, order: Order, books: Books): Promise<void> {
  const { page } = person;
  await openOrder(person, order);
  const sent = await nextRefund(page, (route) =>
    route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify({ type: 'x', title: 'x', status: 500, detail: 'x', code: 'internal', request_id: 'req_of_this_test' }) }),
  );
  await openRefund(person, page, '¥12.34');
  await refund(person, page, '2.00', '一杯凉了 🍵');
  await shownError(page, 'internal');
  await page.getByText('req_of_this_test').waitFor();
  await stillFilled(person, '2.00', '一杯凉了 🍵');
  await person.inspect();
  await page.getByRole('dialog').locator('button[type=submit]').click();
  await refunded(person, order, books, 200);
  assert.equal(new Set(sent).size, 1, 'the retry keeps its number');
}

/** The provider refunded, but nobody heard: that is told as not known, and sending it again changes nothing. */
export async function loses(person: Person, order: Order, books: Books): Promise<void> {
  const { page } = person;
  await openOrder(person, order);
  const sent = await nextRefund(page, (route) => route.continue());
  await openRefund(person, page, '¥12.34');
  person.lose('POST', /\/v1\/refunds$/);
  await refund(person, page, 'all', 'lost');
  await shownError(page, 'network');
  await stillFilled(person, '12.34', 'lost');
  // Meanwhile the page has learnt that nothing is left; the refund that may be that one can still be sent again.
  await page.locator('[data-testid="refundable"]').filter({ hasText: '¥0.00' }).waitFor();
  await page.getByRole('dialog').locator('button[type=submit]').click();
  await refunded(person, order, books, 1234);
  assert.equal(sent.length, 2);
  assert.equal(new Set(sent).size, 1, 'the retry keeps its number');
}

/** Without a network it is said that nothing was sent, and the list keeps its rows; with one again it is sent, once. */
export async function losesConnection(person: Person, order: Order, books: Books): Promise<void> {
  const { page, context } = person;
  await openOrder(person, order);
  const sent = await nextRefund(page, (route) => route.continue());
  await openRefund(person, page, '¥12.34');
  await context.setOffline(true);
  await refund(person, page, '4.00', 'offline');
  await shownError(page, 'network');
  await stillFilled(person, '4.00', 'offline');
  await context.setOffline(false);
  await page.getByRole('dialog').locator('button[type=submit]').click();
  await refunded(person, order, books, 400);
  assert.equal(new Set(sent).size, 1, 'under one number');

  await page.goto('/orders');
  const row = page.locator('tbody tr[data-row-key]').filter({ hasText: order.order_no });
  await row.waitFor();
  await context.setOffline(true);
  await person.button('common.refresh').click();
  await page.locator('[data-testid="error"][data-code="network"]').waitFor();
  await row.waitFor();
  await person.inspect();
  await context.setOffline(false);
  await page.getByTestId('error').waitFor({ state: 'detached' });
  await row.waitFor();
}

/** The person signs in again in the middle of the form, and it is sent once. */
export async function endsTheSession(person: Person, order: Order, books: Books, password: string): Promise<void> {
  const { page, t } = person;
  await openOrder(person, order);
  const sent = await nextRefund(page, (route) => route.continue());
  await openRefund(person, page, '¥12.34');
  await person.context.clearCookies();
  await refund(person, page, '3.00', 'signed out');
  await page.getByText(t('signin.endedTitle')).waitFor();
  await page.locator('#password').fill(password);
  await page.getByTestId('login-form').locator('button[type=submit]').click();
  await page.getByTestId('login-form').waitFor({ state: 'detached' });
  await refunded(person, order, books, 300);
  assert.deepEqual([sent.length, new Set(sent).size], [2, 1], 'refused, then sent under the same number');
}

/** Back and forward show pages; they send nothing. */
export async function repeats(person: Person): Promise<void> {
  const { page } = person;
  const before = person.count('POST', /\/v1\/(refunds|payments)$/);
  for (const there of [-1, 1]) {
    await page.evaluate(`history.go(${there})`);
    await page.locator('#content').waitFor();
    await settled(page);
  }
  await page.reload();
  await page.getByTestId('timeline').waitFor();
  assert.equal(person.count('POST', /\/v1\/(refunds|payments)$/), before);
}

/** The palette by number, by a page's name in both languages, and when nothing is found. */
export async function findsAll(person: Person, order: Order): Promise<void> {
  const { page, t } = person;
  await page.goto(`/orders/${order.id}`);
  await page.getByTestId('timeline').waitFor();
  const { payment } = person.reply<{ payment: { provider_order_no: string } }>('GET', /\/v1\/payments\/pay_/);
  assert.ok(payment.provider_order_no);
  await page.goto('/refunds');
  await page.getByTestId('search-open').waitFor();
  await page.keyboard.press('Control+k');
  const box = page.getByRole('combobox', { name: t('top.searchLabel') });
  await box.fill('nothing-like-2026');
  await page.getByTestId('palette-none').waitFor();
  await person.inspect();
  await box.fill(payment.provider_order_no);
  await page.getByRole('option').filter({ hasText: order.order_no }).waitFor();
  await person.inspect();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/orders/${order.id}`);
  for (const name of [t('nav.refunds'), 'Refunds']) {
    await page.getByTestId('search-open').click();
    await page.getByRole('option').filter({ hasText: order.order_no }).waitFor(); // opened recently
    await box.fill(name);
    await page.locator('[role="option"][aria-selected="true"]').filter({ hasText: t('nav.refunds') }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/refunds');
    await page.goto(`/orders/${order.id}`);
  }
}

/** A store whose name is as long as may be, with emoji, on a phone. */
export async function longNames(person: Person): Promise<void> {
  const { page, t } = person;
  const name = `${'很长的店名🏮'.repeat(9)}end`;
  await page.goto('/stores');
  await settled(page);
  await person.button('stores.new').first().click();
  await page.getByRole('dialog').getByLabel(t('common.name'), { exact: true }).fill(name);
  await page.getByRole('dialog').locator('button[type=submit]').click();
  await page.getByText(name).first().waitFor();
  await page.setViewportSize(sizes.phone);
  await settled(page);
  const width = await page.evaluate('document.documentElement.scrollWidth');
  assert.ok(Number(width) <= sizes.phone.width, `the page is ${String(width)} wide`);
  await person.inspect();
  await page.setViewportSize(sizes.desktop);
}

/** The other tab asks to sign in again; it does not go on as if nothing were. */
export async function noticesSignOut(person: Person): Promise<void> {
  const { page, t } = person;
  const other = await person.context.newPage();
  await other.goto('/orders');
  await other.getByTestId('search-open').waitFor();
  await page.getByTestId('user-menu').click();
  await page.getByRole('menuitem', { name: t('top.signOut') }).click();
  await page.getByTestId('login-form').waitFor();
  await other.getByText(t('signin.endedTitle')).waitFor();
  await other.close();
}
