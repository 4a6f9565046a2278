import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { confirmed } from './confirm.ts';
import { settled } from './browser.ts';
import { result, scan } from './money.ts';
import { invitation } from './onboarding.ts';
import type { Person } from './person.ts';

/** The code of an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds), computed from the seed as shown. */
export function authenticatorCode(seed: string, at: number): string {
  const bits = [...seed.replaceAll(' ', '').toUpperCase()].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const digest = createHmac('sha1', key).update(step).digest();
  const number = digest.readUInt32BE(digest[19]! & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** Invites somebody: a double click invites once. Gives the one-time link. */
export async function invites(by: Person, password: string, who: { name: string; email: string; role: string }): Promise<string> {
  const { page, t } = by;
  await page.goto('/team');
  await by.button('team.invite').first().click();
  const form = page.getByTestId('invite-form');
  await form.getByLabel(t('team.name'), { exact: true }).fill(who.name);
  await form.getByLabel(t('signin.email'), { exact: true }).fill(who.email);
  await form.getByLabel(t('team.role'), { exact: true }).click();
  await page.locator('.ant-select-item-option').filter({ hasText: t(`roles.${who.role}`) }).click();
  const before = by.count('POST', /\/v1\/users$/);
  await form.locator('button[type=submit]').dblclick();
  await confirmed(by, password, page.getByTestId('invite-link'));
  const link = await invitation(by);
  assert.equal(by.replies.filter((r) => r.method === 'POST' && /\/v1\/users$/.test(new URL(r.url).pathname) && r.text.includes('invite_url')).length, 1, `one invitation after ${before}`);
  await by.inspect();
  await by.button('common.done').click();
  return link;
}

/** A name of 200 characters and emoji is kept as far as names go, and bends no page. */
export async function longName(person: Person): Promise<void> {
  const { page, t } = person;
  await page.goto('/profile');
  const name = page.getByLabel(t('team.name'), { exact: true });
  await name.fill(`掌柜🙂${'长'.repeat(200)}`);
  await person.button('common.save').first().click();
  await page.getByText(t('profile.saved')).waitFor();
  const kept = person.reply<{ user: { name: string } }>('PUT', /\/v1\/session\/profile$/).user.name;
  assert.ok(kept.startsWith('掌柜🙂长') && [...kept].length >= 99 && [...kept].length <= 100, `${[...kept].length} characters`);
  for (const path of ['/profile', '/team']) {
    await page.goto(path);
    await settled(page);
    assert.ok(await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth'), `${path} does not scroll sideways`);
    await person.inspect();
  }
}

/** What is seen of an account's keys on its merchant's page, by who entered them. */
export async function masked(person: Person, merchant: string, key: string): Promise<void> {
  const { page, t } = person;
  await page.goto('/merchants');
  await page.getByRole('link', { name: merchant }).first().click();
  const shown = page.getByTestId('account').locator('.zg-fact').filter({ hasText: t('providerForm.masked.characters', { dots: '••••', count: [...key].length }) }).first();
  await shown.getByText(t('account.setAt')).waitFor();
  await shown.getByText('Admin').waitFor();
  assert.ok(!(await page.content()).includes(key));
  await person.inspect();
}

/** Renews the invitation of who has not come: the earlier link stops working. */
export async function invitesAgain(by: Person, password: string): Promise<string> {
  const { page, t } = by;
  await page.goto('/team');
  await page.getByText(t('access.invited'), { exact: true }).waitFor();
  await by.inspect();
  await by.button('access.again').click();
  await confirmed(by, password, page.getByTestId('invite-link'));
  const link = await invitation(by);
  await by.button('common.done').click();
  return link;
}

/** A link that counts no more says so. */
export async function refusedLink(person: Person, link: string): Promise<void> {
  const { page, t } = person;
  await page.goto(link);
  await page.getByText(t('signin.linkFailedTitle')).waitFor();
  await person.inspect();
}

/** Enrols an authenticator; gives the seed and the recovery codes. */
export async function enrols(person: Person, password: string): Promise<{ seed: string; codes: string[] }> {
  const { page, t } = person;
  await page.goto('/profile');
  await person.button('profile.totpBegin').click();
  const box = page.getByTestId('totp');
  await confirmed(person, password, box.locator('.zg-qr svg'));
  const seed = person.reply<{ secret: string }>('POST', /\/v1\/session\/totp$/).secret;
  await box.getByText(seed).waitFor();
  await person.inspect();
  await box.getByLabel(t('signin.code'), { exact: true }).fill('12 34');
  await person.button('common.confirm').click();
  await box.getByText(t('profile.sixDigits')).waitFor();
  await box.getByLabel(t('signin.code'), { exact: true }).fill(authenticatorCode(seed, Date.now()));
  await person.button('common.confirm').click();
  await page.getByTestId('recovery-codes').waitFor();
  const codes = await page.getByTestId('recovery-codes').locator('li').allTextContents();
  assert.equal(codes.length, 10);
  await person.inspect();
  const file = page.waitForEvent('download');
  await person.button('profile.codesDownload').click();
  assert.match((await file).suggestedFilename(), /\.txt$/);
  await person.button('profile.recoveryKept').click();
  await box.getByText(t('team.totpOn')).waitFor();
  await box.getByText(t('profile.codesLeft', { count: 10 })).waitFor();
  return { seed, codes };
}

/** Signs in on the sign-in page with a password and a second factor; says whether it was let in. */
export async function entersWith(person: Person, email: string, password: string, code: string): Promise<boolean> {
  const { page } = person;
  await page.context().clearCookies();
  await page.goto('/login');
  await page.locator('#email').fill(email);
  return fillsIn(person, password, code);
}

/** Fills in the sign-in form that stands there, on its page or in the dialog over another. */
export async function fillsIn(person: Person, password: string, code: string): Promise<boolean> {
  const { page } = person;
  const form = page.getByTestId('login-form');
  await form.locator('#password').fill(password);
  if (!(await form.locator('#code').isVisible())) await form.locator('button[type=submit]').click();
  await form.locator('#code').fill(code);
  await form.locator('button[type=submit]').click();
  const refused = form.locator('[data-testid="error"][data-code="login_failed"]');
  const inside = page.locator('#content');
  await Promise.race([refused.waitFor(), form.waitFor({ state: 'detached' })]);
  if (await refused.isVisible()) return false;
  await inside.waitFor();
  return true;
}

/** Gives somebody another role, on the team's page. */
export async function changesRole(by: Person, password: string, email: string, role: string): Promise<void> {
  const { page, t } = by;
  await page.goto('/team');
  const row = page.locator('tbody tr[data-row-key]').filter({ hasText: email });
  await row.getByRole('button', { name: t('team.changeRole'), exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(t('team.role'), { exact: true }).click();
  await page.locator('.ant-select-item-option').filter({ hasText: t(`roles.${role}`) }).click();
  await dialog.getByTestId('role-meaning').waitFor({ state: 'attached' });
  await dialog.locator('button[type=submit]').click();
  await confirmed(by, password, row.getByText(t(`roles.${role}`)));
  await dialog.first().waitFor({ state: 'detached' });
}

/** The till refuses a payment with a code of ours; gives the sentence. */
export async function tillRefuses(person: Person, amount: string, payer: string, code: string): Promise<string> {
  await person.page.goto('/take-payment');
  await person.page.getByTestId('till-form').waitFor();
  await scan(person, amount, payer);
  const sentence = person.page.locator('.ant-form-item-explain-error, [data-testid="error"]').first();
  await sentence.waitFor();
  assert.equal(person.reply<{ code: string }>('POST', /\/v1\/payments$/).code, code);
  await person.inspect();
  return (await sentence.textContent()) ?? '';
}

export async function tillTakes(person: Person, amount: string, payer: string): Promise<void> {
  await person.page.goto('/take-payment');
  await person.page.getByTestId('till-form').waitFor();
  await scan(person, amount, payer);
  await result(person, 'succeeded').waitFor();
}

/** Sets a limit of single payments for the whole merchant. */
export async function setsLimit(person: Person, password: string, single: string): Promise<void> {
  const { page, t } = person;
  await page.goto('/limits');
  await page.getByTestId('limits').waitFor();
  await person.inspect();
  await page.getByTestId('limits').getByRole('button', { name: t('rules.addLimit') }).click();
  const form = page.getByTestId('limit-form');
  await form.locator('button[type=submit]').click();
  await form.getByText(t('rules.problems.none')).waitFor();
  await form.getByLabel(t('rules.single'), { exact: true }).fill(single);
  await form.getByLabel(t('rules.daily'), { exact: true }).fill('1,000');
  await form.locator('button[type=submit]').click();
  await confirmed(person, password, page.getByTestId('limit-use'));
  await form.waitFor({ state: 'detached' });
  await person.inspect();
}

/** Freezes the first account with a reason. */
export async function freezes(person: Person, password: string, reason: string): Promise<void> {
  const { page, t } = person;
  await page.goto('/limits');
  const section = page.getByTestId('freezes');
  await section.getByRole('button', { name: t('rules.freeze'), exact: true }).click();
  const form = page.getByTestId('reason-form');
  await form.getByLabel(t('rules.scope'), { exact: true }).click();
  await page.locator('.ant-select-item-option').first().click();
  await form.locator('button[type=submit]').click();
  await form.getByText(t('rules.reasonRequired')).waitFor();
  await form.locator('textarea').fill(reason);
  await form.locator('button[type=submit]').click();
  await confirmed(person, password, section.getByText(t('rules.inForce')));
  await section.getByText(reason).waitFor();
  await person.inspect();
}

export async function lifts(person: Person, password: string): Promise<void> {
  const { page, t } = person;
  await page.goto('/limits');
  const section = page.getByTestId('freezes');
  await section.getByRole('button', { name: t('rules.lift'), exact: true }).click();
  const form = page.getByTestId('reason-form');
  await form.locator('textarea').fill('已核实，是顾客误操作');
  await form.locator('button[type=submit]').click();
  await confirmed(person, password, section.getByText(t('rules.freezesEmpty')));
}
