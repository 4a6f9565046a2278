import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { settled, signIn } from './browser.ts';
import type { Person } from './person.ts';
import type { Simulator } from './stand.ts';

export interface Keys {
  number: string;
  key: string;
  vendorKey: string;
}

/** The field of a provider's form, with what stands beside it. */
export function field(person: Person, name: string): { input: Locator; item: Locator } {
  const item = person.page.getByTestId(`field-${name}`);
  return { item, input: item.locator('input').first() };
}

/** A one-time link that wants a password, and for the first administrator a name and an address. */
export async function acceptLink(person: Person, link: string, password: string, first?: { email: string; name: string }): Promise<void> {
  const { page, t } = person;
  await page.goto(link);
  await page.getByTestId('link-form').waitFor();
  await person.inspect();
  assert.equal(new URL(page.url()).hash, '', 'the token has left the address bar');
  if (first) {
    await page.getByLabel(t('signin.email'), { exact: true }).fill(first.email);
    await page.getByLabel(t('signin.name'), { exact: true }).fill(first.name);
  }
  await page.getByLabel(t('signin.newPassword'), { exact: true }).fill(password);
  await page.getByLabel(t('signin.again'), { exact: true }).fill(`${password}!`);
  await person.button('signin.setPassword').click();
  await page.getByText(t('signin.notSame')).waitFor();
  await page.getByLabel(t('signin.again'), { exact: true }).fill(password);
  await person.button('signin.setPassword').click();
  await page.locator('#content').waitFor();
}

export async function signOutAndIn(person: Person, email: string, password: string): Promise<void> {
  const { page, t } = person;
  await page.getByTestId('user-menu').click();
  await page.getByRole('menuitem', { name: t('top.signOut') }).click();
  await page.getByTestId('login-form').waitFor();
  await person.inspect();
  await page.locator('#email').fill(email);
  await page.locator('#password').fill(`${password} wrong`);
  await person.button('signin.submit').click();
  await page.locator('[data-testid="error"][data-code="login_failed"]').waitFor();
  await person.inspect();
  await signIn(page, email, password);
}

/** The wizard's first two steps; gives the first user's link. */
export async function merchantWithOwner(person: Person, merchant: string, owner: { email: string; name: string }): Promise<string> {
  const { page, t } = person;
  await page.goto('/merchants');
  await person.inspect();
  await page.getByRole('link', { name: t('merchants.new') }).first().click();
  await page.getByTestId('merchant-form').waitFor();
  await page.getByLabel(t('merchants.name'), { exact: true }).fill(merchant);
  await page.getByRole('switch', { name: t('merchants.testMode') }).click();
  await person.inspect();
  await person.button('common.next').click();
  await page.getByTestId('first-user-form').waitFor();
  await page.getByLabel(t('team.name'), { exact: true }).fill(owner.name);
  await page.getByLabel(t('signin.email'), { exact: true }).fill(owner.email);
  await person.button('team.invite').click();
  const link = await invitation(person);
  await person.inspect();
  await page.getByTestId('onboard-next').click();
  return link;
}

export async function invitation(person: Person): Promise<string> {
  const link = person.page.getByTestId('invite-link').locator('.zg-mono');
  await link.waitFor();
  return (await link.textContent())!;
}

/** The wizard's third step: settings and keys, first with a key that was copied badly. */
export async function providerAccount(person: Person, simulator: Simulator, keys: Keys): Promise<void> {
  const { page, t } = person;
  await choose(person, simulator.provider);
  await page.getByTestId('account-form').waitFor();
  await page.locator('#account-base').fill(simulator.baseURL);
  await person.button('common.next').click();
  assert.equal(await beside(field(person, 'terminal_sn').item), t('providerForm.required'));
  await field(person, 'terminal_sn').input.fill(keys.number);
  await field(person, 'vendor_key').input.fill(keys.vendorKey);
  await person.inspect();
  for (const bad of [`${keys.key.slice(0, 12)} ${keys.key.slice(12)}`, certificate, `${keys.key.slice(0, 5)}`, `${keys.key}钥`]) {
    await field(person, 'terminal_key').input.fill(bad);
    const before = person.count('PUT', /credentials$/);
    await person.button('common.next').click();
    await beside(field(person, 'terminal_key').item);
    assert.ok(person.count('PUT', /credentials$/) <= before + 1);
  }
  await person.inspect();
  const [account] = person.reply<{ items: { key_version: number }[] }>('GET', /\/v1\/accounts$/).items;
  assert.equal(account?.key_version, 0, 'refused keys are not stored');
  await field(person, 'terminal_key').input.fill(keys.key);
  await person.button('common.next').click();
  await page.getByTestId('step-test').waitFor();
}

/** Chooses a provider among all whose plugins run, by the name it has in the person's language. */
export async function choose(person: Person, provider: string): Promise<void> {
  const { page, t } = person;
  await page.getByRole('combobox', { name: t('account.provider'), exact: true }).click();
  const { items } = person.reply<{ items: { id: string; manifest?: { name: { zh: string; en: string } } }[] }>('GET', /\/v1\/providers$/);
  const name = items.find((p) => p.id === provider)?.manifest?.name;
  assert.ok(name, `the plugin of ${provider} is offered`);
  await page.locator('.ant-select-item-option').filter({ hasText: person.language === 'en' ? name.en : name.zh }).click();
}

/** The sentence beside a field. */
export async function beside(item: Locator): Promise<string> {
  const sentence = item.locator('.ant-form-item-explain-error');
  await sentence.waitFor();
  return (await sentence.textContent())!;
}

/** The wizard's last two steps. The provider does not know the key at first. */
export async function testedAndLive(person: Person, simulator: Simulator, keys: Keys): Promise<void> {
  const { page } = person;
  await test(person, false);
  await person.inspect();
  await simulator.terminal(keys.number, keys.key);
  await test(person, true);
  await page.getByTestId('onboard-next').click();
  await page.getByTestId('go-live').click();
  await page.getByTestId('onboard-done').waitFor();
  await person.inspect();
}

export async function test(person: Person, passes: boolean): Promise<void> {
  const { page } = person;
  await page.getByTestId('account-test').click();
  await page.locator(`[data-testid="account-test-result"][data-ok="${passes}"]`).waitFor();
}

/** A new key of the account, entered on the merchant's page. */
export async function secondKey(person: Person, merchant: string, key: string): Promise<void> {
  const { page, t } = person;
  await page.goto('/merchants');
  await page.getByRole('link', { name: merchant }).first().click();
  const account = page.getByTestId('account');
  await account.getByRole('button', { name: t('common.edit'), exact: true }).click();
  await page.getByTestId('account-form').waitFor();
  await field(person, 'terminal_key').input.fill(key);
  await page.getByTestId('account-submit').click();
  await page.getByTestId('account-form').waitFor({ state: 'detached' });
  await test(person, true);
  await settled(page);
  await person.inspect();
}

const certificate = `-----BEGIN CERTIFICATE-----
MIIBUDCB+KADAgECAgEBMAoGCCqGSM49BAMCMA8xDTALBgNVBAMTBHRlc3QwHhcN
-----END CERTIFICATE-----`;
