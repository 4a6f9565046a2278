import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Locator } from 'playwright-core';
import { ask } from './ask.ts';
import { settled } from './browser.ts';
import { confirmed } from './confirm.ts';
import type { Person } from './person.ts';
import type { Simulator } from './stand.ts';

export interface Payout {
  id: string;
  payout_no: string;
  merchant_payout_no: string;
  amount: number;
  state: string;
}

/** Somebody to whom payouts end in a known way. */
export const payees = { paid: '6217 7100 0000 9001', unknown: '6217710000004002' };

/** The merchant that was made last gets an account with the contract that its provider gave it, and goes live. */
export async function goesLive(admin: Person, simulator: Simulator): Promise<void> {
  const { id: tenant } = admin.reply<{ id: string }>('POST', /\/v1\/tenants$/);
  await getsAccount(admin, tenant, simulator, true);
  await ask(admin, 'POST', `/v1/tenants/${tenant}/status`, JSON.stringify({ status: 'live', reason: 'contract signed' }), { tenant });
}

/** A merchant gets an account that is tested and live. */
export async function getsAccount(admin: Person, tenant: string, simulator: Simulator, standard: boolean): Promise<string> {
  const { settings, credentials } = simulator.contract;
  const post = <Reply>(path: string, body: object) => ask<Reply>(admin, 'POST', path, JSON.stringify(body), { tenant });
  const { id } = await post<{ id: string }>('/v1/accounts', { provider: simulator.provider, name: simulator.provider.toUpperCase(), base_url: simulator.baseURL, default: standard, settings });
  await ask(admin, 'PUT', `/v1/accounts/${id}/credentials`, JSON.stringify({ credentials: Object.entries(credentials).map(([name, text]) => ({ name, text })) }), { tenant });
  const test = await post<{ ok: boolean }>(`/v1/accounts/${id}/test`, {});
  assert.ok(test.ok, `the account's test: ${JSON.stringify(test)}`);
  await post(`/v1/accounts/${id}/status`, { status: 'live' });
  return id;
}

/** The row of a list that says something. */
export function row(person: Person, text: string): Locator {
  return person.page.locator('tbody tr[data-row-key]').filter({ hasText: text });
}

async function fillIn(person: Person, amount: string, number: string): Promise<void> {
  const { page, t } = person;
  await page.goto('/payouts/new');
  await page.getByTestId('payout-form').waitFor();
  await page.getByTestId('payout-amount').fill(amount);
  for (const [name, value] of Object.entries({ name: '演示收款人', number, bank_name: '招商银行', province: '广东省', city: '深圳市', phone: '13800000000' })) await page.getByTestId(`payee-${name}`).fill(value);
  await page.getByLabel(t('payouts.purposeOptional'), { exact: true }).fill('工资');
}

/** Asks for a payout; what is wrong is told beside its field first, and a double click asks once. */
export async function asksForPayout(person: Person, password: string, amount: string, capitals: string, number: string): Promise<Payout> {
  const { page } = person;
  await fillIn(person, amount, number);
  assert.match((await page.getByTestId('capitals').textContent())!, new RegExp(capitals));
  await page.getByTestId('payout-cost').waitFor();
  const before = made(person, 'payouts');
  await page.getByTestId('payout-review').click();
  await page.getByTestId('payout-summary').getByText('演示收款人').waitFor();
  await person.inspect();
  await page.getByTestId('payout-submit').dblclick();
  await confirmed(person, password, page.getByTestId('approval-note'));
  assert.equal(made(person, 'payouts'), before + 1, 'a double click asks once');
  await settled(page);
  const payout = person.reply<Payout>('POST', /\/v1\/payouts$/);
  assert.equal(new URL(page.url()).pathname, `/payouts/${payout.id}`);
  await page.locator('h1').getByText(person.t('states.payout.pending_approval')).waitFor();
  return payout;
}

/** How many payouts, or files of them, the server has taken in from this person: a second click repeats the first one's number. */
function made(person: Person, what: 'payouts' | 'payout-batches'): number {
  return new Set(person.replies.filter((r) => r.method === 'POST' && r.url.endsWith(`/v1/${what}`) && r.status === 202).map((r) => (JSON.parse(r.text) as { id: string }).id)).size;
}

/** What cannot be paid is told before anything is sent. */
export async function refusesBadPayouts(person: Person): Promise<void> {
  const { page, t } = person;
  await page.goto('/payouts/new');
  await page.getByTestId('payable-now').locator('.zg-amount').first().waitFor();
  await person.inspect();
  await page.getByTestId('payout-review').click();
  await page.getByText(t('payouts.problems.missing')).first().waitFor();
  await fillIn(person, '1.005', '6217710000009002');
  await page.getByTestId('payout-review').click();
  await page.getByText(t('payouts.problems.checkDigit')).waitFor();
  await page.getByText(t('amount.decimals')).waitFor();
  await page.getByTestId('payout-amount').fill('10000001');
  await page.getByText(t('payouts.obstacles.single')).waitFor();
  await person.inspect();
  assert.equal(person.count('POST', /\/v1\/payouts$/), 0, 'nothing was sent');
}

const heading = '商户付款单号,金额（元）,收款人姓名,收款账号,开户银行,开户省份,开户城市,手机号,用途';

function csv(...rows: [number: string, amount: string, card: string][]): Buffer {
  return Buffer.from(`\ufeff${[heading, ...rows.map(([number, amount, card]) => `${number},${amount},演示收款人,${card},招商银行,广东省,深圳市,13800000000,工资`)].join('\r\n')}\r\n`);
}

/** A file with a bad row: the errors are shown and downloaded, and nothing is made of it. */
export async function uploadsBadFile(person: Person): Promise<void> {
  const { page, t } = person;
  await page.goto('/payouts/batches');
  await page.getByTestId('empty').waitFor();
  await person.inspect();
  await page.goto('/payouts/batches/new');
  await page.getByTestId('drop').waitFor();
  const [template] = await Promise.all([page.waitForEvent('download'), page.getByTestId('template').click()]);
  assert.ok((await readFile(await template.path(), 'utf8')).startsWith('\ufeff商户付款单号,'), 'the template has the headings');
  await page.getByTestId('batch-file').setInputFiles({ name: '工资.csv', mimeType: 'text/csv', buffer: csv(['S-1', '10.00', '6217710000009001'], ['S-2', '1.005', '6217710000009002']) });
  await page.getByTestId('batch-wrong').waitFor();
  const errors = page.getByTestId('row-errors').locator('tbody tr');
  assert.deepEqual(await errors.locator('th').allTextContents(), ['3', '3']);
  await errors.filter({ hasText: t('batches.columns.payee_number') }).filter({ hasText: 'S-2' }).waitFor();
  await person.inspect();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('save-errors').click()]);
  const lines = (await readFile(await file.path(), 'utf8')).trimEnd().split('\r\n');
  assert.equal(lines.length, 3, 'a heading and two errors');
  assert.match(lines[1]!, /^"3",.*"S-2"/);
  await page.goto('/payouts/batches');
  await page.getByTestId('empty').waitFor();
  assert.equal(person.count('POST', /\/v1\/payout-batches$/), 0, 'nothing was taken in');
}

/** The file mended: rows, sum and fee before it is submitted; then it waits as a whole. */
export async function uploadsGoodFile(person: Person, password: string): Promise<string> {
  const { page, t } = person;
  await page.goto('/payouts/batches/new');
  await page.getByTestId('batch-file').setInputFiles({ name: '工资.csv', mimeType: 'text/csv', buffer: csv(['S-1', '10.00', '6217710000009001'], ['S-2', '20.05', '6217710000009001']) });
  const summary = page.getByTestId('batch-summary');
  await summary.getByText('¥30.05').first().waitFor();
  await summary.getByText(t('batches.rowsOf', { count: 2 })).waitFor();
  await person.inspect();
  await page.getByTestId('batch-submit').dblclick();
  await confirmed(person, password, page.getByTestId('approval-note'));
  await page.getByTestId('total-pending_approval').getByText('¥30.05').waitFor();
  assert.equal(made(person, 'payout-batches'), 1, 'a double click asks once');
  await person.inspect();
  return person.reply<{ id: string }>('POST', /\/v1\/payout-batches$/).id;
}

/** The maker is told why they cannot agree; somebody else agrees to all of it at once. */
export async function agreeInBulk(maker: Person, second: Person, password: string, count: number): Promise<void> {
  await maker.page.goto('/approvals');
  await maker.page.locator('tbody').getByText(maker.t('approvals.standing.mine')).nth(count - 1).waitFor();
  assert.equal(await maker.page.locator('tbody input[type="checkbox"]:enabled').count(), 0, 'nothing to choose');
  await maker.inspect();

  const { page, t } = second;
  await page.goto('/approvals');
  const boxes = page.locator('tbody input[type="checkbox"]');
  await boxes.nth(count - 1).waitFor();
  for (let i = 0; i < count; i++) await boxes.nth(i).check();
  await page.getByTestId('bulk-bar').getByText(t('approvals.chosen', { count })).waitFor();
  await page.getByTestId('bulk-bar').getByRole('button', { name: t('approvals.agree'), exact: true }).click();
  const form = page.getByTestId('bulk-form');
  await form.locator('textarea').fill('金额与工资表一致');
  await second.inspect();
  await form.locator('button[type=submit]').click();
  await confirmed(second, password, page.locator('[data-testid="bulk-summary"][data-done="true"]'));
  await page.getByTestId('bulk-summary').getByText(t('lists.bulkResult', { all: count, done: count, refused: 0, unknown: 0 })).waitFor();
  await second.inspect();
  await page.getByTestId('bulk-summary').getByRole('button', { name: t('common.done'), exact: true }).click();
  await page.goto('/approvals?view=history');
  await page.locator('tbody').getByText(t('states.approval.approved')).nth(count - 1).waitFor();
  await second.inspect();
}

/** Every payout of the batch and the single one are done, and the provider's own ledger says the same. */
export async function arePaid(person: Person, simulator: Simulator, single: Payout, batch: string): Promise<void> {
  const { page, t } = person;
  await page.goto(`/payouts/batches/${batch}`);
  await page.getByTestId('total-succeeded').getByText('¥30.05').waitFor();
  await page.getByText(t('batches.ended', { count: 2, all: 2 })).waitFor();
  await row(person, 'S-2').waitFor();
  await person.inspect();
  await page.goto(`/payouts/${single.id}`);
  await page.locator('h1').getByText(t('states.payout.succeeded')).waitFor();
  await page.getByTestId('timeline').getByText(t('timeline.operations.create_payout')).waitFor();
  await person.inspect();
  await page.goto(`/payouts?number=${single.payout_no}`);
  await row(person, single.payout_no).waitFor();
  const { items } = await ask<{ items: Payout[] }>(person, 'GET', `/v1/payouts?batch_id=${batch}`, '');
  assert.equal(items.length, 2);
  for (const p of [single, ...items]) {
    const { amount, requests, booked } = await simulator.payout(p.payout_no);
    assert.deepEqual({ amount, requests, booked }, { amount: p.amount, requests: 1, booked: true }, p.merchant_payout_no);
  }
}

/** A payout in doubt has its own look everywhere; it is asked about from its page and from the queue, and never sent again. */
export async function asksAboutDoubt(person: Person, simulator: Simulator, payout: Payout): Promise<void> {
  const { page, t } = person;
  await page.goto(`/payouts/${payout.id}`);
  await page.getByTestId('unknown-note').waitFor();
  assert.equal(await page.locator('h1').getByTestId('payout-status').textContent(), t('states.unknown'));
  await page.getByTestId('sync').click();
  await page.getByText(t('orders.syncDone', { state: t('states.unknown') })).waitFor();
  await page.getByTestId('related').getByText(t('cases.kinds.unknown_payout')).waitFor();
  await person.inspect();
  await page.goto('/payouts?unknown=true');
  await row(person, payout.payout_no).locator('[data-tone="unknown"]').waitFor();
  await page.goto('/cases');
  const queued = row(person, payout.payout_no);
  await queued.getByTestId('case-asked').getByText(t('timeline.outcomes.unknown')).waitFor();
  await person.inspect();
  await queued.getByRole('button', { name: t('orders.sync'), exact: true }).click();
  await page.getByText(t('cases.askedStill')).waitFor();
  await queued.getByTestId('assign').click();
  await page.getByRole('menuitem', { name: t('cases.assignMe') }).click();
  await queued.getByText(t('actors.you', { name: 'Owner' })).waitFor();
  await person.inspect();
  await queued.getByRole('link').first().click();
  await page.getByTestId('unknown-note').waitFor();
  await person.inspect();
  const { requests, queries } = await simulator.payout(payout.payout_no);
  assert.ok(requests === 1 && queries > 1, `asked ${queries} times, sent ${requests} times`);
}
