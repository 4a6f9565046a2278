import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sizes } from './browser.ts';
import { charge, nextCustomer, openOrder, openRefund, type Order, refund, result, scan } from './money.ts';
import { acceptLink, merchantWithOwner } from './onboarding.ts';
import { onboardsOn } from './plugins.ts';
import { buildStand } from './stand.ts';
import { Story } from './story.ts';
import { agreesOnPhone, fitsThumb, refundsOnPhone, takesOnPhone } from './phone.ts';
import { setTier } from './secondPerson.ts';
import { addAccount, bindsCard, byBankPage, byBarcode, byBoundCard, byCard, byLink, byQR, inWallet, losesAnswers, only, showsStaticCode, type Till } from './till.ts';

/**
 * A counter takes payments in every way that five providers have, gives money back in parts, and
 * meets an order in doubt that heals. What came of it is asked of the providers' own ledgers.
 */
let stand: Awaited<ReturnType<typeof buildStand>>;
before(async () => (stand = await buildStand()));
after(() => stand.remove());

test('a counter with every way to pay', async (context) => {
  const story = await Story.begin(context, 'zh-CN', stand.program);
  const gateway = story.stand.simulator;
  const platform = story.stand.simulatorOf('mmsp');
  const password = 'a counter with every way';
  const orders: Record<string, Order> = {};
  const ledger = async (order: Order, at = platform, account = at.contract.credentials.merchant_no!) => {
    const { paid, refunded, pays, refunds } = await at.ledger(account, order.order_no);
    return { paid, refunded, pays, refunds };
  };
  const accounts: Record<string, Till> = {};
  let tenant = '';
  const terminal = gateway.contract.settings.terminal_sn ?? gateway.contract.credentials.terminal_sn!;

  const admin = await story.person('admin');
  const owner = await story.person('owner');
  for (const person of [admin, owner]) person.context.setDefaultTimeout(120_000);
  const { page, t } = owner;

  await story.chapter('a merchant with two providers', async () => {
    await acceptLink(admin, story.stand.said.setup_link, password, { email: 'admin@shop.example', name: 'Admin' });
    const link = await merchantWithOwner(admin, '湖滨书店', { email: 'owner@shop.example', name: 'Owner' });
    await onboardsOn(admin, gateway);
    tenant = admin.reply<{ id: string }>('POST', /\/v1\/tenants$/).id;
    accounts[gateway.provider] = { id: admin.reply<{ id: string }>('POST', /\/v1\/accounts$/).id, live: true };
    accounts[platform.provider] = await addAccount(admin, tenant, platform);
    await acceptLink(owner, link, password);
    await page.goto('/take-payment');
    await page.getByTestId('way-card').waitFor();
    await owner.inspect();
  });

  await story.chapter("a payer's code, recognised while it is read", async () => {
    const code = gateway.code('paid');
    await page.getByLabel(t('till.code'), { exact: true }).fill('99123');
    await page.locator('[data-testid="code-kind"][data-kind="foreign"]').waitFor();
    await page.getByLabel(t('till.code'), { exact: true }).fill(code);
    await page.locator('[data-testid="code-kind"][data-kind="known"]').waitFor();
    await page.getByLabel(t('till.code'), { exact: true }).fill('');
    // Scanned before anything was typed: it lands in the amount, and is put where it belongs.
    await page.getByLabel(t('till.amount'), { exact: true }).fill(code);
    await page.keyboard.press('Enter');
    assert.equal(await page.getByLabel(t('till.code'), { exact: true }).inputValue(), code);
    await page.getByLabel(t('till.amount'), { exact: true }).fill('20');
    await page.keyboard.press('Enter');
    await result(owner, 'succeeded').waitFor();
    orders.barcode = owner.reply<Order>('POST', /\/v1\/payments$/);
    await page.keyboard.press('Enter');
    await result(owner).getByText(t('till.idle')).waitFor();
  });

  await story.chapter('codes, wallets, links and cards', async () => {
    orders.qr = await byQR(owner, platform, 'qr', '1.01', { channel: '银联钱包', look: true });
    orders.dynamic = await byQR(owner, platform, 'dynamic_code', '1.02');
    orders.jsapi = await inWallet(owner, platform, 'jsapi', '1.03', { channel: '微信支付', look: true });
    orders.mini = await inWallet(owner, platform, 'mini_program', '1.04');
    orders.h5 = await byLink(owner, platform, 'h5', '1.05', { channel: '支付宝', look: true });
    orders.card = await byCard(owner, '1.06');
    orders.unionpay = await byLink(owner, platform, 'unionpay', '1.07');
    orders.bank = await byBankPage(owner, platform, '1.08', '招商银行');
    await showsStaticCode(owner, '1.09');
  });

  await story.chapter('a card is bound after its dialog was left, charged and forgotten', async () => {
    await bindsCard(owner);
    orders.bound = await byBoundCard(owner, '1.10');
  });

  await story.chapter("the providers' ledgers agree to the fen", async () => {
    assert.deepEqual(await ledger(orders.barcode!, gateway, terminal), { paid: 2000, refunded: 0, pays: 1, refunds: 0 });
    const fen: Record<string, number> = { qr: 101, dynamic: 102, jsapi: 103, mini: 104, h5: 105, card: 106, unionpay: 107, bank: 108, bound: 110 };
    for (const [name, paid] of Object.entries(fen)) assert.deepEqual(await ledger(orders[name]!), { paid, refunded: 0, pays: 1, refunds: 0 }, name);
  });

  await story.chapter('money goes back in two parts, with a reason', async () => {
    await openOrder(owner, orders.barcode!);
    await openRefund(owner, page, '¥20.00');
    await page.getByRole('button', { name: t('refundDialog.presets.returned'), exact: true }).click();
    assert.equal(await page.getByRole('dialog').getByLabel(t('refundDialog.reason')).inputValue(), t('refundDialog.presets.returned'));
    await owner.inspect();
    await refund(owner, page, '5', t('refundDialog.presets.returned'));
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByTestId('refundable').getByText('¥15.00').waitFor();
    await openRefund(owner, page, '¥15.00');
    await refund(owner, page, '2.50', '少了一本');
    await page.getByTestId('refundable').getByText('¥12.50').waitFor();
    assert.deepEqual(await ledger(orders.barcode!, gateway, terminal), { paid: 2000, refunded: 750, pays: 1, refunds: 2 });
  });

  await story.chapter('an order in doubt, and its healing', async () => {
    await page.goto('/take-payment');
    await page.getByTestId('way-barcode').click();
    await losesAnswers(story.stand, gateway.provider, true);
    orders.doubt = await charge(owner, gateway, '30', 'paid', ['unknown']);
    // What happens next is told where the cashier looks: not to take it again, and when it is asked about.
    await result(owner).getByText(t('till.unknownHint')).waitFor();
    await result(owner).getByText(t('till.askedAgain')).waitFor();
    await nextCustomer(owner);
    await page.getByTestId('unfinished').getByText('¥30.00').waitFor();
    // The same amount once more is asked about first, and not sent; a scanner's further Enter answers nothing.
    const before = owner.count('POST', /\/v1\/payments$/);
    await scan(owner, '30', gateway.code('paid'));
    const question = page.getByRole('dialog');
    await question.getByText(t('till.sameAmountHint')).waitFor();
    await page.keyboard.press('Enter');
    await owner.inspect();
    await question.getByRole('button', { name: t('common.cancel'), exact: true }).click();
    await question.waitFor({ state: 'detached' });
    assert.equal(owner.count('POST', /\/v1\/payments$/), before, 'nothing was sent');
    await page.getByTestId('unfinished').getByRole('link').filter({ hasText: '¥30.00' }).click();
    await page.getByTestId('unknown-note').waitFor();
    await owner.inspect();
    await losesAnswers(story.stand, gateway.provider, false);
    // It heals by itself at the next question; asking now is only sooner, and may come too late to be needed.
    await owner.button('orders.sync').click({ timeout: 5_000 }).catch(() => undefined);
    await page.getByTestId('unknown-note').waitFor({ state: 'detached', timeout: 240_000 });
    assert.deepEqual(await ledger(orders.doubt, gateway, terminal), { paid: 3000, refunded: 0, pays: 1, refunds: 0 });
  });

  await story.chapter('every way of the other providers', async () => {
    for (const provider of ['metro', 'bestpay', 'wechatpay']) accounts[provider] = await addAccount(admin, tenant, story.stand.simulatorOf(provider));
    const at = async (provider: string) => {
      await only(admin, tenant, accounts, provider);
      await page.goto('/take-payment');
      return story.stand.simulatorOf(provider);
    };
    await byQR(owner, await at(gateway.provider), 'qr', '2.01', { channel: '支付宝' });
    await byBarcode(owner, await at('metro'), '2.02');
    const bestpay = await at('bestpay');
    await byBarcode(owner, bestpay, '2.03');
    await byQR(owner, bestpay, 'qr', '2.04', { channel: '支付宝' });
    await byLink(owner, bestpay, 'h5', '2.05', { channel: '支付宝' });
    await inWallet(owner, bestpay, 'jsapi', '2.06', { channel: '微信' });
    const wechatpay = await at('wechatpay');
    await byQR(owner, wechatpay, 'qr', '2.07');
    await inWallet(owner, wechatpay, 'jsapi', '2.08');
    await byLink(owner, wechatpay, 'h5', '2.09');
    await byBarcode(owner, await at(platform.provider), '2.10');
    for (const provider of [gateway.provider, platform.provider, 'metro', 'bestpay', 'wechatpay']) assert.deepEqual(await story.stand.simulatorOf(provider).violations(), [], provider);
    await only(admin, tenant, accounts, gateway.provider);
  });

  await story.chapter('a shop on a phone: taken, given back in parts, and agreed to by a second person', async () => {
    await setTier(owner, password, '10');
    await Promise.all([owner, admin].map((person) => person.page.setViewportSize(sizes.phone)));
    orders.phone = await takesOnPhone(owner, gateway.code('paid'));
    await refundsOnPhone(owner, orders.phone);
    await agreesOnPhone(admin, password, '¥12.00');
    await page.getByTestId('refundable').getByText('¥2.50').waitFor();
    assert.deepEqual(await ledger(orders.phone, gateway, terminal), { paid: 1850, refunded: 1600, pays: 1, refunds: 2 });
    for (const path of ['/orders', '/cards', '/cases']) {
      await page.goto(path);
      await fitsThumb(owner);
    }
  });
});
