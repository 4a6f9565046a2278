import assert from 'node:assert/strict';
import { confirmed } from './confirm.ts';
import { openOrder, openRefund, type Order, refund } from './money.ts';
import type { Person } from './person.ts';

/** The owner wants a second person from an amount (yuan) on. */
export async function setTier(owner: Person, password: string, from: string): Promise<void> {
  const { page, t } = owner;
  await page.goto('/approvals/tiers');
  const form = page.getByTestId('tiers-form');
  await form.waitFor();
  await owner.inspect();
  const rows = page.getByTestId('tier-refund');
  const before = await rows.count();
  await owner.button('approvals.tierAdd').first().click();
  const row = rows.nth(before);
  await row.getByLabel(t('approvals.tierFrom')).fill('x');
  await owner.button('common.save').click();
  await row.getByText(t('amount.format')).waitFor();
  await row.getByLabel(t('approvals.tierFrom')).fill(from);
  await owner.button('common.save').click();
  await confirmed(owner, password, page.getByText(t('approvals.tiersSaved')));
}

/** A refund over the limit is not sent before another person agrees; who made it cannot. */
export async function refundNeedsAnother(owner: Person, admin: Person, password: string, order: Order, remaining: string): Promise<void> {
  const { page, t } = owner;
  await openOrder(owner, order);
  await openRefund(owner, page, remaining);
  await page.getByRole('dialog').getByLabel(t('refundDialog.amount')).fill('6');
  await page.getByTestId('refund-needs').waitFor();
  await owner.inspect();
  await refund(owner, page, '6', 'the whole table complained');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByTestId('refund-list').getByText(t('states.refund.pending_approval')).click();
  await page.getByTestId('approval-note').getByRole('link').click();
  await page.locator('[data-testid="standing"][data-standing="mine"]').waitFor();
  for (const key of ['approvals.agree', 'approvals.reject']) assert.equal(await owner.button(key).count(), 0, `the maker is offered ${key}`);
  await owner.inspect();

  await decides(admin, password, (row) => row.getByText('the whole table complained'));
  await page.goto(`/orders/${order.id}`);
  await page.getByTestId('refund-list').getByText(t('states.refund.succeeded')).waitFor();
}

/** Somebody else opens what waits for them, agrees, and finds it done. */
export async function decides(person: Person, password: string, find: (rows: ReturnType<Person['page']['locator']>) => ReturnType<Person['page']['locator']>): Promise<void> {
  const { page, t } = person;
  await page.goto('/approvals');
  await page.getByTestId('approvals-waiting').waitFor();
  await find(page.locator('tbody tr[data-row-key]')).waitFor();
  await person.inspect();
  await find(page.locator('tbody tr[data-row-key]')).click();
  await page.locator('[data-testid="standing"][data-standing="decide"]').waitFor();
  await person.inspect();
  // A refusal wants a reason.
  await person.button('approvals.reject').click();
  const form = page.getByTestId('decide-form');
  await form.locator('button[type=submit]').click();
  await form.getByText(t('approvals.noteMissing')).waitFor();
  await form.getByRole('button', { name: t('common.cancel') }).click();
  await form.waitFor({ state: 'detached' });
  await person.button('approvals.agree').click();
  await form.locator('textarea').fill('seen the complaint');
  await form.locator('button[type=submit]').click();
  await confirmed(person, password, page.locator('h1').getByText(t('states.approval.approved')));
  await page.getByTestId('decisions').getByText('seen the complaint').waitFor();
  await person.inspect();
}
