import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ask } from './ask.ts';
import { confirmed } from './confirm.ts';
import { keepsSecret, makesKey, makesWebhook, notice, openById, type Problem, Program, row, tests, until } from './developers.ts';
import { openRefund, type Order, refund } from './money.ts';
import { acceptLink, merchantWithOwner } from './onboarding.ts';
import { Receiver } from './receiver.ts';
import { buildStand } from './stand.ts';
import { Story } from './story.ts';
import { addAccount } from './till.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A developer connects a shop's own program: a key, a webhook, a first payment, and what is to be
 * seen when something goes wrong. The program and the receiver are written from the documentation.
 */
let stand: Awaited<ReturnType<typeof buildStand>>;
let receiver: Receiver;
before(async () => ([stand, receiver] = await Promise.all([buildStand(), Receiver.open()])));
after(() => Promise.all([stand.remove(), receiver.close()]));

test('a developer connects a program', async (context) => {
  const story = await Story.begin(context, 'zh-CN', stand.program);
  const { simulator } = story.stand;
  const password = 'a program connects itself';
  const [keyName, hookName] = ['收银系统', '订单系统'];
  let program!: Program;
  let order!: Order;

  const admin = await story.person('admin');
  const owner = await story.person('owner');
  for (const person of [admin, owner]) person.context.setDefaultTimeout(120_000);
  const { page, t } = owner;
  const secrets: string[] = [];

  await story.chapter('a key is made, and shown once', async () => {
    await acceptLink(admin, story.stand.said.setup_link, password, { email: 'admin@shop.example', name: 'Admin' });
    const link = await merchantWithOwner(admin, '江南文具', { email: 'owner@shop.example', name: 'Owner' });
    const tenant = admin.reply<{ id: string }>('POST', /\/v1\/tenants$/).id;
    await addAccount(admin, tenant, simulator);
    await ask(admin, 'POST', `/v1/tenants/${tenant}/status`, JSON.stringify({ status: 'live' }));
    await acceptLink(owner, link, password);
    secrets.push(await makesKey(owner, keyName, password));
    program = new Program(story.stand.said.url, secrets[0]!);
  });

  await story.chapter('a webhook is made and tried', async () => {
    await makesWebhook(owner, receiver, hookName);
    await tests(owner, receiver, true);
    assert.equal(receiver.count('webhook.test'), 1);
  });

  await story.chapter('the program takes a payment, and is told of it', async () => {
    const content = { method: 'barcode', amount: 1250, subject: '钢笔', merchant_order_no: 'PEN-1', payer_code: simulator.code('paid') };
    const made = await program.ask<Order & { state: string }>('POST', '/v1/payments', content, 'pen-1');
    assert.equal(made.body.state, 'succeeded', JSON.stringify(made.body));
    order = made.body;
    const again = await program.ask<Order>('POST', '/v1/payments', content, 'pen-1');
    assert.equal(again.body.id, order.id, 'the same key gives the first outcome');
    await until('both events came', () => receiver.about(order.id).length === 2);
    assert.deepEqual(receiver.about(order.id), ['payment.created', 'payment.succeeded'], 'in the order of the payment’s life');
    const refused = await program.ask<Problem>('POST', '/v1/payments', { ...content, amount: 0, merchant_order_no: 'PEN-2' }, 'pen-2');
    assert.deepEqual([refused.status, refused.body.code], [400, 'invalid_amount']);
  });

  await story.chapter('the key was used, and the request log says for what', async () => {
    await page.goto('/api-keys');
    const use = row(owner, keyName).getByTestId('key-last-use');
    await use.getByText('127.0.0.1').waitFor();
    await owner.inspect();
    await use.getByRole('link').click();
    await row(owner, t('errors.invalid_amount')).waitFor();
    await owner.inspect();
    await row(owner, t('errors.invalid_amount')).getByRole('link').first().click();
    const refusal = page.getByTestId('request-refusal');
    await refusal.getByText('invalid_amount', { exact: true }).waitFor();
    await refusal.getByText(t('errors.invalid_amount')).waitFor();
    await owner.inspect();
    await page.goto('/request-log?code=plugin_refused&range=today');
    await page.getByTestId('nothing-found').getByRole('button', { name: t('lists.widenTo', { period: t('orders.period.7d') }) }).click();
    await page.waitForURL(/range=7d/);
    await page.getByTestId('nothing-found').waitFor();
    await page.getByTestId('nothing-found').getByRole('button', { name: t('common.clearFilters') }).click();
    await row(owner, 'POST /v1/payments').first().waitFor();
  });

  await story.chapter("a refund fails for the provider's own reason", async () => {
    await simulator.refuseNext('refund', 'SELLER_BALANCE_NOT_ENOUGH');
    const why = 'SELLER_BALANCE_NOT_ENOUGH · 卖家余额不足';
    await openById(owner, order);
    await openRefund(owner, page, '¥12.50');
    await refund(owner, page, '2.50', t('refundDialog.presets.returned'));
    await page.getByTestId('refund-list').getByTestId('refund-reason').filter({ hasText: why }).waitFor();
    await page.getByTestId('refundable').getByText('¥12.50').waitFor();
    await owner.inspect();
    await page.getByTestId('refund-list').getByRole('link').first().click();
    await page.locator('.zg-fact').getByText(why, { exact: true }).waitFor();
    await page.getByTestId('timeline').getByText(t('timeline.providerSaid', { said: why })).waitFor();
    await notice(owner, 'refund.failed').waitFor();
    await owner.inspect();
    await page.goto('/refunds');
    await page.getByTestId('refund-reason').filter({ hasText: why }).waitFor();
    await owner.inspect();
  });

  await story.chapter('the receiver is down, and its answer is seen', async () => {
    receiver.answer = { status: 500, body: '数据库连接已断开' };
    await page.goto('/webhooks');
    await row(owner, hookName).getByRole('link', { name: hookName }).click();
    await tests(owner, receiver, false);
    await page.goto('/webhook-deliveries?state=failed');
    await row(owner, t('webhooks.failures.answered', { status: 500 })).getByRole('link').first().click();
    const attempts = page.getByTestId('attempts');
    await attempts.getByText(receiver.answer.body).waitFor();
    assert.match((await page.getByTestId('request-body').textContent())!, /"type": "webhook\.test"/);
    await owner.inspect();
    receiver.answer = { status: 200, body: 'well again' };
    const came = receiver.count('webhook.test');
    await owner.button('webhooks.resend').click();
    await page.locator('h1').getByText(t('webhooks.states.delivered')).waitFor();
    await until('the test came again', () => receiver.count('webhook.test') === came + 1);
    await attempts.locator('> li').nth(1).waitFor();
  });

  await story.chapter('a chosen few are sent again', async () => {
    await page.goto(`/webhook-deliveries?number=${order.order_no}`);
    for (const type of ['payment.created', 'payment.succeeded']) await row(owner, type).getByRole('checkbox').check();
    const came = receiver.taken.length;
    await page.getByRole('button', { name: t('webhooks.resendChosen', { count: 2 }), exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: t('webhooks.resend'), exact: true }).click();
    const summary = page.locator('[data-testid="resend-summary"][data-done="true"]');
    await summary.getByText(t('webhooks.resendResult', { done: 2, failed: 0, all: 2 })).waitFor();
    await owner.inspect();
    await owner.button('common.done').click();
    await until('they came again', () => receiver.taken.length >= came + 2);
    assert.deepEqual(receiver.about(order.id), ['payment.created', 'payment.succeeded'], 'under the same ids');
  });

  await story.chapter("an order's page has its notifications, and the server says what may not be sent again", async () => {
    await openById(owner, order);
    await notice(owner, 'payment.succeeded').getByText(t('webhooks.states.delivered')).waitFor();
    await owner.inspect();
    const came = receiver.count('payment.succeeded');
    await notice(owner, 'payment.succeeded').getByRole('button', { name: t('webhooks.renotify'), exact: true }).click();
    await until('it came again', () => receiver.count('payment.succeeded') === came + 1);
    await page.reload();
    await notice(owner, 'payment.succeeded').getByText(t('webhooks.states.delivered')).waitFor();
    await turn(false);
    await openById(owner, order);
    await notice(owner, 'payment.succeeded').getByRole('button', { name: t('webhooks.renotify'), exact: true }).click();
    await page.getByText('推送地址已停用，请先启用。').waitFor();
    assert.equal(receiver.count('payment.succeeded'), came + 1, 'nothing was sent');
    await turn(true);
  });

  await story.chapter('the secret is changed while both sign', async () => {
    await page.getByTestId('webhook-secrets').getByRole('button', { name: t('webhooks.rotate'), exact: true }).click();
    const form = page.getByTestId('rotate-form');
    await form.waitFor();
    await owner.inspect();
    await form.locator('button[type=submit]').click();
    await confirmed(owner, password, page.getByTestId('webhook-secret'));
    await keepsSecret(owner, receiver);
    await page.getByTestId('webhook-secrets').getByText(t('webhooks.secretOld')).waitFor();
    await tests(owner, receiver, true);
    assert.deepEqual(receiver.taken.at(-1)!.signedBy, receiver.secrets, 'the old one and the new one sign');
    assert.equal(receiver.secrets.length, 2);
    assert.deepEqual(receiver.refused, [], 'nothing came that was not signed');
    await owner.inspect();
  });

  await story.chapter('every command of the guides runs', async () => {
    const run = promisify(execFile);
    const codes = { CODE_ZH: simulator.code('paid'), CODE_EN: simulator.code('paid') };
    await run('scripts/check-developer-guide', [story.stand.said.url, secrets[0]!], { cwd: repository, env: { ...process.env, ...codes } });
  });

  await story.chapter('a key that was taken back works no more', async () => {
    await page.goto('/api-keys');
    await row(owner, keyName).getByRole('button', { name: t('apiKeys.revoke'), exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: t('apiKeys.revoke'), exact: true }).click();
    await row(owner, keyName).getByText(t('apiKeys.revoked')).waitFor();
    await owner.inspect();
    const { status, body } = await program.ask<Problem>('GET', '/v1/session');
    assert.deepEqual([status, body.code], [401, 'unauthenticated']);
    assert.ok(body.detail && body.request_id, JSON.stringify(body));
    const log = await story.stand.log();
    for (const secret of [...secrets, ...receiver.secrets]) assert.ok(!log.includes(secret), 'no secret is in the log');
  });

  /** Switches the webhook off or on, on its page. */
  async function turn(on: boolean): Promise<void> {
    await page.goto('/webhooks');
    await row(owner, hookName).getByRole('link', { name: hookName }).click();
    await page.getByTestId('webhook-secrets').waitFor();
    await owner.button(on ? 'webhooks.enable' : 'webhooks.disable').click();
    if (!on) await page.getByRole('dialog').getByRole('button', { name: t('webhooks.disable'), exact: true }).click();
    await confirmed(owner, password, page.locator('h1').getByText(t(on ? 'webhooks.status.enabled' : 'webhooks.status.disabled_person')));
  }
});
