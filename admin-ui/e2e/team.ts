import assert from 'node:assert/strict';
import { openOrder, type Order } from './money.ts';
import { acceptLink, invitation } from './onboarding.ts';
import type { Person } from './person.ts';

/** The owner invites the two; what their roles may not do is not offered, and the server refuses it anyway. */
export async function cashierAndViewer(owner: Person, cashier: Person, viewer: Person, passwords: Record<'cashier' | 'viewer', string>, order: Order): Promise<void> {
  await acceptLink(cashier, await invite(owner, 'cashier'), passwords.cashier);
  await acceptLink(viewer, await invite(owner, 'viewer'), passwords.viewer);

  await offered(cashier, ['takePayment', 'orders', 'refunds'], ['team', 'apiKeys', 'audit']);
  await openOrder(cashier, order);
  assert.equal(await cashier.button('orders.refund').count(), 0, 'a cashier is not offered a refund');
  assert.equal(await refused(cashier, '/v1/refunds', { payment_id: order.id, amount: 1, reason: 'x' }), 'forbidden');
  await cashier.page.goto('/take-payment');
  await cashier.page.getByTestId('till-form').waitFor();
  await cashier.inspect();

  await offered(viewer, ['orders', 'refunds'], ['takePayment', 'team', 'apiKeys', 'audit']);
  await openOrder(viewer, order);
  for (const key of ['orders.refund', 'orders.sync', 'orders.cancel']) assert.equal(await viewer.button(key).count(), 0, `a viewer is not offered ${key}`);
  assert.equal(await refused(viewer, '/v1/payments', { method: 'barcode', amount: 1, subject: 'x', payer_code: '281234567890120101' }), 'forbidden');
  await viewer.inspect();
  await viewer.page.goto('/take-payment');
  await viewer.inspect();
  assert.equal(await viewer.page.getByTestId('till-submit').count(), 0, 'a viewer is not offered the till');
}

async function invite(owner: Person, role: 'cashier' | 'viewer'): Promise<string> {
  const { page, t } = owner;
  await page.goto('/team');
  await owner.inspect();
  await owner.button('team.invite').first().click();
  const form = page.getByTestId('invite-form');
  await form.getByLabel(t('team.name'), { exact: true }).fill(role);
  await form.getByLabel(t('signin.email'), { exact: true }).fill(`${role}@shop.example`);
  await form.getByLabel(t('team.role')).click();
  await page.locator('.ant-select-item-option').filter({ hasText: t(`roles.tenant_${role}`) }).click();
  await form.locator('button[type=submit]').click();
  return invitation(owner);
}

async function offered(person: Person, there: string[], missing: string[]): Promise<void> {
  const menu = person.page.getByRole('navigation', { name: person.t('nav.label') });
  for (const key of there) await menu.getByRole('link', { name: person.t(`nav.${key}`), exact: true }).waitFor();
  for (const key of missing) assert.equal(await menu.getByRole('link', { name: person.t(`nav.${key}`), exact: true }).count(), 0, `${person.name} is offered ${key}`);
  await person.inspect();
}

/** The code with which the server refuses what the page did not offer. */
async function refused(person: Person, path: string, body: object): Promise<string> {
  const script = `(async () => {
    const me = await (await fetch('/v1/session')).json();
    const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf_token, 'Zhanggui-Tenant': me.tenant_id ?? me.user.roles[0].tenant_id, 'Idempotency-Key': 'not-offered-' + Date.now() };
    const reply = await fetch(${JSON.stringify(path)}, { method: 'POST', headers, body: ${JSON.stringify(JSON.stringify(body))} });
    return (await reply.json()).code;
  })()`;
  return person.page.evaluate(script) as Promise<string>;
}
