import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { formatFen } from '../src/lib/money.ts';
import { ask } from './ask.ts';
import { settled } from './browser.ts';
import type { Order } from './money.ts';
import type { Person } from './person.ts';
import type { Fate, Simulator } from './stand.ts';

interface Sums {
  paid: number;
  refunded: number;
  net: number;
  paid_count: number;
  failed_count: number;
}

interface Summary {
  step_seconds: number;
  sums: Sums;
  steps: { from: string; sums: Sums }[];
  previous: { to: string; sums: Sums; steps: { sums: Sums }[] };
}

interface Balances {
  account_id: string;
  name: string;
  channels: { figures: { available?: number; pending?: number } }[];
}

type Taken = Order & { state: string; unknown: boolean };

/** Takes a payment by barcode, as the merchant's program would, and waits until it ends or is in doubt. */
export async function pays(person: Person, simulator: Simulator, amount: number, fate: Fate): Promise<Taken> {
  const body = { method: 'barcode', amount, subject: '龙井茶', payer_code: simulator.code(fate) };
  let order = await ask<Taken>(person, 'POST', '/v1/payments', JSON.stringify(body), { key: randomUUID(), wait: 1 });
  for (const end = Date.now() + 120_000; order.state === 'processing' && !order.unknown; ) {
    assert.ok(Date.now() < end, `${order.order_no} stays as it is`);
    await person.page.waitForTimeout(250);
    order = await ask<Taken>(person, 'GET', `/v1/payments/${order.id}`, '');
  }
  return order;
}

export async function givesBack(person: Person, order: Order, amount: number): Promise<void> {
  const refund = await ask<{ state: string }>(person, 'POST', '/v1/refunds', JSON.stringify({ payment_id: order.id, amount, reason: '少一件' }), { key: randomUUID() });
  assert.equal(refund.state, 'succeeded');
}

/** The newest sums of days that the API gave. */
function daysOf(person: Person): Summary {
  const found = person.replies
    .filter((r) => r.method === 'GET' && r.status === 200 && new URL(r.url).pathname === '/v1/summary')
    .map((r) => JSON.parse(r.text) as Summary)
    .findLast((s) => s.step_seconds === 86_400);
  assert.ok(found, 'the API summed days');
  return found;
}

const figure = (person: Person, name: string) => person.page.getByTestId(`figure-${name}`);

/** Home shows what was paid, given back and refused in seven days beside the seven before, and what is in doubt apart from all of that. */
export async function seesFigures(person: Person, want: { paid: number[]; failed: number; refunded: number; before: number }): Promise<void> {
  const { page, t } = person;
  await page.goto('/');
  await page.getByTestId('figures').waitFor();
  await page.getByText(t('home.periods.days7'), { exact: true }).click();
  await page.waitForURL(/[?&]period=days7/);
  await page.locator('[data-testid="figures"][data-period="days7"]').waitFor();
  await settled(page);
  const paid = want.paid.reduce((sum, n) => sum + n, 0);
  assert.equal(await figure(person, 'paid').textContent(), formatFen(paid));
  assert.equal(await figure(person, 'refunded').textContent(), formatFen(want.refunded));
  assert.equal(await figure(person, 'net').textContent(), formatFen(paid - want.refunded));
  const settledCount = want.paid.length + want.failed;
  const tenths = Math.floor((want.paid.length * 1000) / settledCount);
  assert.equal(await figure(person, 'rate').textContent(), `${Math.floor(tenths / 10)}.${tenths % 10}%`, 'an order in doubt has not failed');
  const fell = Math.trunc(((want.before - paid) * 1000) / want.before);
  const tile = page.locator('.zg-tile').filter({ has: figure(person, 'paid') });
  const said = (await tile.textContent())!;
  for (const part of [t('home.count', { count: want.paid.length }), t('home.before.days7'), formatFen(want.before), t('home.down', { change: `${Math.floor(fell / 10)}.${fell % 10}%` })]) {
    assert.ok(said.includes(part), `“${said}” says ${part}`);
  }
  assert.match((await page.getByTestId('waiting-unknown').textContent())!, /待确认1/);
  await person.inspect();
}

/** The chart's table has the API's figures, step by step. */
export async function readsTheChart(person: Person): Promise<void> {
  const { page, t } = person;
  const trend = page.getByTestId('trend');
  await trend.locator('[data-drawn="true"] svg').waitFor();
  await trend.getByText(t('chart.table')).click();
  await trend.locator('tbody tr').first().waitFor();
  const cells = await trend.locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
  const s = daysOf(person);
  assert.equal(cells.length, 7);
  assert.deepEqual(cells.map((row) => row.slice(1)), s.steps.map((step, i) => [step.sums.paid, step.sums.refunded, s.previous.steps[i]!.sums.paid].map((fen) => formatFen(fen))));
  await person.inspect();
}

/** A figure leads to the list that it counts. */
export async function followsAFigure(person: Person, orders: Order[]): Promise<void> {
  const { page } = person;
  await figure(person, 'paid').click();
  await page.waitForURL(/\/orders\?.*state=succeeded/);
  const rows = page.locator('tbody tr[data-row-key]');
  await rows.first().waitFor();
  await settled(page);
  assert.deepEqual((await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-row-key')))).toSorted(), orders.map((o) => o.id).toSorted());
}

/** Balances are asked for now; a mark is set. */
export async function asksForBalances(person: Person): Promise<void> {
  const { page, t } = person;
  await page.goto('/balances');
  await page.locator('tbody tr[data-row-key] a').first().click();
  await page.waitForURL(/\/balances\/acc_/);
  await page.getByRole('button', { name: t('balances.askNow') }).click();
  await page.getByText(t('balances.asked')).waitFor();
  await settled(page);
  const { channels } = person.reply<Balances>('POST', /\/balances$/);
  const shown = page.getByTestId('balance-channel');
  assert.equal(await shown.count(), channels.length);
  for (const [i, { figures }] of channels.entries()) {
    for (const name of ['available', 'pending'] as const) {
      const want = figures[name];
      assert.equal(await shown.nth(i).getByTestId(`figure-${name}`).textContent(), want === undefined ? t('balances.notStated') : formatFen(want), `${name} of channel ${i + 1}`);
    }
  }
  await page.getByTestId('balance-history').locator('[data-drawn="true"] svg').waitFor();
  await person.inspect();
  await page.getByRole('button', { name: t('balances.setMark') }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(t('balances.markAmount')).fill('1,234.50');
  await dialog.locator('button[type=submit]').click();
  await page.getByText(t('balances.markSaved')).waitFor();
  await page.locator('#content').getByText('¥1,234.50', { exact: true }).first().waitFor();
}

/** The settlement is drawn, and its picture has the sums of the report. */
export async function looksAtTheSettlement(person: Person, paid: number, refunded: number): Promise<void> {
  const { page, t } = person;
  await page.goto('/settlement');
  const total = page.getByTestId('settlement-total');
  await total.getByText(formatFen(paid), { exact: true }).waitFor();
  await total.getByText(formatFen(refunded), { exact: true }).waitFor();
  const days = page.getByTestId('settlement-days');
  await days.locator('[data-drawn="true"] svg').waitFor();
  await days.getByText(t('chart.table')).click();
  const rows = days.locator('tbody tr');
  await rows.first().waitFor();
  const column = async (n: number) => (await rows.locator(`td:nth-child(${n})`).allTextContents()).map((text) => Number(text.replace(/[¥,.]/g, ''))).reduce((sum, fen) => sum + fen, 0);
  assert.deepEqual([await column(2), await column(3)], [paid, refunded]);
  await page.getByTestId('settlement-providers').getByText(formatFen(paid), { exact: true }).waitFor();
  await person.inspect();
}

/** The platform sees how the provider answered, and the node that runs. */
export async function looksAtTheSystem(person: Person, provider: string): Promise<void> {
  const { page, t } = person;
  await page.goto('/providers/health');
  const health = page.getByTestId(`health-${provider}`);
  const figures = health.locator('.zg-figures.zg-strong').first();
  // A node says how it does every fifteen seconds.
  for (const end = Date.now() + 120_000; ; await page.reload()) {
    await figures.waitFor();
    if (Number(await figures.textContent()) > 0) break;
    assert.ok(Date.now() < end, 'the node says what it asked of the provider');
    await page.waitForTimeout(1000);
  }
  await health.locator('[data-drawn="true"] svg').first().waitFor();
  await person.inspect();
  await page.goto('/system');
  await page.getByTestId('system-state').getByText(t('system.well')).waitFor();
  await settled(page);
  const system = person.reply<{ nodes: { name: string; here: boolean }[]; database: { schema_version: number; known_schema: number } }>('GET', /\/v1\/system$/);
  assert.equal(system.nodes.length, 1);
  assert.equal(system.database.schema_version, system.database.known_schema);
  const row = page.getByTestId('system-nodes').locator('tbody tr');
  assert.match((await row.textContent())!, new RegExp(system.nodes[0]!.name));
  await row.getByText(t('system.runs'), { exact: true }).waitFor();
  await person.inspect();
}
