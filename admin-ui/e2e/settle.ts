import assert from 'node:assert/strict';
import { confirmed } from './confirm.ts';
import type { Order } from './money.ts';
import type { Person } from './person.ts';
import { decides } from './secondPerson.ts';

/** An order in doubt is found in the queue, taken, asked about, and settled with evidence by two people. */
export async function settles(owner: Person, admin: Person, passwords: { owner: string; admin: string }, order: Order): Promise<void> {
  const { page, t } = owner;
  await page.goto('/cases');
  const row = page.locator('tbody tr[data-row-key]').filter({ hasText: order.order_no });
  await row.waitFor();
  await owner.inspect();
  await row.click();
  await page.getByTestId('unknown-note').waitFor();
  assert.equal(await page.getByTestId('conclusive').getAttribute('data-conclusive'), 'true');
  await page.getByTestId('assign').click();
  await page.getByRole('menuitem', { name: t('cases.assignMe') }).click();
  await page.getByText(t('actors.you', { name: 'Owner' })).waitFor();
  await owner.button('orders.sync').click();
  await page.getByText(t('cases.askedStill')).waitFor();
  await owner.inspect();

  await owner.button('cases.resolve').click();
  const form = page.getByTestId('resolve-form');
  await form.locator('button[type=submit]').click();
  await form.getByText(t('cases.needed')).nth(2).waitFor();
  await form.getByText(t('cases.outcomes.failed')).click();
  await form.getByLabel(t('cases.evidenceNo')).fill('BILL-7');
  await form.getByLabel(t('cases.note')).fill('not in the bill of the day');
  await owner.inspect();
  await form.locator('button[type=submit]').click();
  await confirmed(owner, passwords.owner, page.getByTestId('approval-note'));
  assert.equal(await page.locator('h1').getByTestId('case-status').textContent(), t('states.unknown'), 'nothing changes before the second person agrees');
  await owner.inspect();

  await decides(admin, passwords.admin, (rows) => rows.filter({ hasText: t('approvals.kinds.resolution') }));
  await page.locator('h1').getByText(t('cases.closing.settled')).waitFor();
  await page.getByTestId('resolutions').getByText(t('cases.decided.applied')).waitFor();
  await owner.inspect();
}

/** An alert is seen on every page, read, and taken by somebody. */
export async function takesAlert(person: Person, order: Order): Promise<void> {
  const { page, t } = person;
  await page.goto('/');
  await page.locator('[data-testid="alert-bell"][data-count="1"]').waitFor();
  await page.getByTestId('alert-bell').click();
  const alert = page.locator('tbody tr[data-row-key]').filter({ hasText: order.order_no }).filter({ hasText: t('alerts.kinds.correction') });
  await alert.waitFor();
  await person.inspect();
  await alert.getByTestId('alert-take').click();
  // What happened and cannot go away ends when somebody takes it.
  await alert.waitFor({ state: 'detached' });
  await page.locator('[data-testid="alert-bell"][data-count="0"]').waitFor();
  await page.goto('/alerts?all=true');
  await alert.getByText(t('actors.you', { name: 'Owner' })).waitFor();
  await person.inspect();
  await alert.getByRole('link', { name: order.order_no }).click();
  await page.waitForURL(`**/orders/${order.id}`);
}
