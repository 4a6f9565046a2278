import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { confirmed } from './confirm.ts';
import type { Order } from './money.ts';
import { result } from './money.ts';
import { choose, field, test } from './onboarding.ts';
import type { Person } from './person.ts';
import { builtPlugin, type Simulator, type Stand } from './stand.ts';

/** The row of a plugin in the list. */
function row(person: Person, name: string): Locator {
  return person.page.locator('tbody tr[data-row-key]').filter({ hasText: name });
}

function status(scope: Locator, state: string): Locator {
  return scope.locator('[data-testid="plugin-status"]').filter({ hasText: state });
}

/** A text file is no plugin: the dialog says why, and nothing lies in the directory or is left under way. */
export async function refusesATextFile(person: Person, password: string): Promise<void> {
  const { page, t } = person;
  await page.goto('/plugins');
  await page.getByTestId('upload').click();
  await page.getByTestId('drop').waitFor();
  await person.inspect();
  const text = Buffer.from('This is no program.\n');
  await page.getByTestId('plugin-file').setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: text });
  const error = page.locator('[data-testid="error"][data-code="plugin_refused"]');
  await confirmed(person, password, error);
  assert.match((await error.textContent())!, person.language === 'en' ? /is no Linux executable/ : /不是 Linux 可执行文件/);
  assert.equal(await page.getByTestId('upload-sha256').textContent(), createHash('sha256').update(text).digest('hex'), 'hashed in the browser');
  await person.inspect();
  await page.getByRole('dialog').getByRole('button', { name: t('common.close'), exact: true }).last().click();
  assert.equal(person.replies.filter((r) => r.method === 'DELETE' && /plugin-uploads/.test(r.url)).at(-1)?.status, 204, 'the upload was given up');
  assert.equal(await row(person, 'notes.txt').count(), 0);
}

/** A binary is copied into the directory of the running host: it appears by itself, is read, and approved by its hash. */
export async function dropsIn(person: Person, stand: Stand, password: string, provider: string): Promise<void> {
  const { page, t } = person;
  await page.goto('/plugins');
  await row(person, 'shouqianba').waitFor();
  assert.equal(await row(person, provider).count(), 0, 'it is not there yet');
  await copyFile(builtPlugin(provider), join(stand.said.plugins, provider));
  await row(person, provider).getByTestId('pending-versions').waitFor();
  await status(row(person, provider), t('states.plugin.pending')).waitFor();
  await person.inspect();
  await row(person, provider).getByRole('link').first().click();
  await page.getByTestId('version').click();
  await page.getByTestId('risks').waitFor();
  await page.getByTestId('adds').getByText(t('plugins.addsAll')).waitFor();
  const sum = createHash('sha256').update(await readFile(builtPlugin(provider))).digest('hex');
  await page.locator('.zg-fact').getByText(sum, { exact: true }).waitFor();
  await page.getByTestId('verify').click();
  await page.getByTestId('report').getByTestId('verdict').waitFor();
  await page.getByTestId('report').locator('.ant-btn-loading').waitFor({ state: 'detached' });
  await person.inspect();
  assert.equal(await page.getByTestId('report').getByTestId('verdict').getAttribute('data-tone'), 'good', 'it passes the conformance suite');
  await approve(person, password, sum);
}

/** Approves the version whose page is open, by the hash that the dialog repeats. */
async function approve(person: Person, password: string, sum: string): Promise<void> {
  const { page, t } = person;
  await page.getByTestId('approve').click();
  await page.getByTestId('decision').getByText(sum, { exact: true }).waitFor();
  await decide(person, password, 'approve');
  await status(page.locator('h1'), t('states.plugin.enabled')).waitFor();
}

async function decide(person: Person, password: string, path: string): Promise<void> {
  const { page } = person;
  const dialog = page.getByTestId('decision');
  const step = page.getByTestId('step-up-form');
  await page.getByTestId('decide').click();
  // The dialog ends when it is done; before that it may want to know who sits here.
  await Promise.race([step.waitFor(), dialog.waitFor({ state: 'detached' })]);
  if (await step.isVisible()) {
    await step.locator('input').fill(password);
    await step.locator('button[type=submit]').click();
    await dialog.waitFor({ state: 'detached' });
  }
  assert.equal(person.replies.filter((r) => r.method === 'POST' && r.url.endsWith(`/${path}`)).at(-1)?.status, 200, path);
}

/** The wizard's last three steps, with whatever the manifest's forms ask for. */
export async function onboardsOn(person: Person, simulator: Simulator): Promise<void> {
  const { page } = person;
  await choose(person, simulator.provider);
  await page.getByTestId('account-form').waitFor();
  await page.locator('#account-base').fill(simulator.baseURL);
  for (const [name, value] of Object.entries({ ...simulator.contract.settings, ...simulator.contract.credentials })) {
    await field(person, name).item.locator('textarea, input:not([type="file"])').first().fill(value);
  }
  await person.inspect();
  await person.button('common.next').click();
  await page.getByTestId('step-test').waitFor();
  await test(person, true);
  await page.getByTestId('onboard-next').click();
  await page.getByTestId('go-live').click();
  await page.getByTestId('onboard-done').waitFor();
  await person.inspect();
}

/** A QR code is shown and paid by a phone. */
export async function takesByQR(person: Person, simulator: Simulator, amount: string): Promise<Order> {
  const { page, t } = person;
  await page.goto('/take-payment');
  await page.getByLabel(t('till.amount'), { exact: true }).fill(amount);
  await page.getByTestId('till-submit').click();
  await page.getByTestId('till-qr').locator('svg[aria-label]').waitFor();
  const order = person.reply<Order>('POST', /\/v1\/payments$/);
  await simulator.pay(order.order_no);
  await result(person, 'succeeded').waitFor();
  return order;
}

/** A further file of the same plugin goes live, and the one before is taken back. */
export async function upgradesAndRollsBack(person: Person, stand: Stand, password: string, provider: string): Promise<void> {
  const { page, t } = person;
  const before = await readFile(builtPlugin(provider));
  // What follows a program in its file makes it another binary, and changes nothing of what it does.
  const next = Buffer.concat([before, Buffer.from('the next version')]);
  const [old, fresh] = [before, next].map((bytes) => createHash('sha256').update(bytes).digest('hex')) as [string, string];
  await page.goto(`/plugins/${provider}`);
  await page.getByTestId('live-version').waitFor();
  await writeFile(join(stand.said.plugins, `${provider}-next`), next);
  await page.getByTestId('versions').getByText(`${provider}-next`).waitFor();
  await person.inspect();
  await page.goto(`/plugins/${provider}/${fresh}`);
  await page.getByTestId('adds').getByText(t('plugins.addsNothing')).waitFor();
  await approve(person, password, fresh);
  await page.goto(`/plugins/${provider}`);
  await page.locator('.zg-fact').getByText(fresh, { exact: true }).waitFor();
  await page.getByTestId('rollback').click();
  await page.getByTestId('decision').getByText(old, { exact: true }).waitFor();
  await person.inspect();
  await decide(person, password, 'rollback');
  await page.locator('.zg-fact').getByText(old, { exact: true }).waitFor();
  await status(page.locator('h1'), t('states.plugin.enabled')).waitFor();
}
