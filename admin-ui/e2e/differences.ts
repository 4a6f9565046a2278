import assert from 'node:assert/strict';
import { ask } from './ask.ts';
import { confirmed } from './confirm.ts';
import type { Payout } from './payouts.ts';
import type { Person } from './person.ts';
import { decides } from './secondPerson.ts';

/** The Beijing day before this moment. */
function yesterday(): string {
  return new Date(Date.now() + 8 * 3_600_000 - 24 * 3_600_000).toISOString().slice(0, 10);
}

/** A payment that no book of ours has, on the provider's file. */
const stranger = '20261127999900000001';

/** The provider's file of yesterday: it shows the payout in doubt as paid, and a payment that we do not have. */
export async function bringsBill(person: Person, provider: string, doubtful: Payout): Promise<void> {
  const day = yesterday();
  const bill = [
    '时间,单号,金额,类型', `${day} 12:00:00,${doubtful.payout_no},${(doubtful.amount / 100).toFixed(2)},付款`, `${day} 13:00:00,${stranger},8.80,收款`, '',
  ].join('\n');
  const { items } = await ask<{ items: { id: string; provider: string }[] }>(person, 'GET', '/v1/accounts', '');
  const mapping = await ask<{ id: string }>(person, 'POST', '/v1/bill-mappings', JSON.stringify({
    name: '日账单', provider,
    rules: { columns: { time: '时间', order_no: '单号', payout_no: '单号', amount: '金额', kind: '类型' }, kinds: { 付款: 'payout', 收款: 'payment' }, unit: 'yuan', time_format: '2006-01-02 15:04:05' },
  }));
  const made = await ask<{ id: string }>(person, 'POST', '/v1/bill-imports', JSON.stringify({
    account_id: items.find((a) => a.provider === provider)!.id, day, mapping_id: mapping.id, file_name: 'bill.csv', bytes: Buffer.byteLength(bill), expected_count: 2,
  }));
  await ask(person, 'PUT', `/v1/bill-imports/${made.id}/chunks/0`, bill, { type: 'application/octet-stream' });
  await ask(person, 'POST', `/v1/bill-imports/${made.id}/finish`, '{}');
}

/** The exceptions of a day are ended by people: one with a remark, one by a correction that a second person agrees to. Then the day is balanced. */
export async function endsDifferences(person: Person, second: Person, passwords: { person: string; second: string }, doubtful: Payout): Promise<void> {
  const { page, t } = person;
  const open = page.getByTestId('reconciliation-grid').locator('[data-state="open"]');
  // The file is read and compared in the background.
  await page.goto('/reconciliation');
  for (let i = 0; i < 24 && !(await open.first().waitFor({ timeout: 5000 }).then(() => true, () => false)); i++) await page.reload();
  await person.inspect();
  await open.click();
  await page.getByTestId('open-differences').waitFor();
  await person.inspect();

  await opens(person, stranger);
  await page.getByTestId('sides').waitFor();
  await person.inspect();
  await person.button('differences.accept').click();
  const accept = page.getByTestId('accept-form');
  await accept.locator('button[type=submit]').click();
  await accept.getByText(t('cases.needed')).waitFor();
  await accept.locator('textarea').fill('顾客在旧终端付款，已线下入账');
  await accept.locator('button[type=submit]').click();
  await page.locator('h1').getByText(t('differences.states.accepted')).waitFor();
  await person.inspect();

  await opens(person, doubtful.payout_no);
  await person.button('differences.correct').click();
  const correct = page.getByTestId('correct-form');
  await correct.locator('textarea').fill('渠道账单显示已付款');
  await person.inspect();
  await correct.locator('button[type=submit]').click();
  await confirmed(person, passwords.person, page.locator('h1').getByText(t('differences.states.correcting')));
  await decides(second, passwords.second, (rows) => rows.filter({ hasText: t('approvals.kinds.correction') }));
  await page.reload();
  await page.locator('h1').getByText(t('differences.states.corrected')).waitFor();
  await person.inspect();

  await page.goto('/reconciliation');
  await page.getByTestId('reconciliation-grid').locator('[data-state="clean"]').waitFor();
  assert.equal(await open.count(), 0, 'nothing is open');
  await page.goto(`/payouts/${doubtful.id}`);
  await page.locator('h1').getByText(t('states.payout.succeeded')).waitFor();
  await person.inspect();
  for (const action of ['difference.accept', 'difference.correct']) {
    await page.goto(`/audit?action=${action}`);
    await page.locator('tbody tr[data-row-key]').filter({ hasText: t(`audit.actions.${action}`) }).first().waitFor();
  }
  await person.inspect();
}

async function opens(person: Person, number: string): Promise<void> {
  await person.page.goto(`/differences?number=${number}`);
  await person.page.locator('tbody tr[data-row-key]').filter({ hasText: number }).locator('a').first().click();
  await person.page.getByTestId('meaning').waitFor();
}
