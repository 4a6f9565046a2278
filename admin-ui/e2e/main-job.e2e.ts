import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Language } from './browser.ts';
import { charge, chargeByQR, nextCustomer, openOrder, openRefund, type Order, refund, refusedAtTheTill, result } from './money.ts';
import { acceptLink, type Keys, merchantWithOwner, providerAccount, secondKey, signOutAndIn, testedAndLive } from './onboarding.ts';
import { exportsOrders } from './exports.ts';
import { findsOrders, reads } from './orders.ts';
import { refundNeedsAnother, setTier } from './secondPerson.ts';
import { canary } from './secrets.ts';
import { settles, takesAlert } from './settle.ts';
import { Story } from './story.ts';
import { buildStand } from './stand.ts';
import { cashierAndViewer } from './team.ts';
import { nothingLeaked, versionsInVault } from './traces.ts';

/**
 * The main job in a browser, against the built programs, a real PostgreSQL and a real Vault: a
 * merchant is onboarded, takes payments, sees the orders and refunds them. The keys typed into the
 * console are known here only, and looked for everywhere afterwards.
 */
let stand: Awaited<ReturnType<typeof buildStand>>;
before(async () => (stand = await buildStand()));
after(() => stand.remove());

const merchants: Record<Language, string> = { 'zh-CN': '西湖茶叶铺', en: 'Lakeside Tea' };
/** What a payment in doubt is called, in so many words: never that it failed. */
const doubt: Record<Language, string> = { 'zh-CN': '待确认', en: 'Unknown' };

for (const language of ['zh-CN', 'en'] as const) {
  test(`a merchant's first day, in ${language}`, async (context) => {
    const story = await Story.begin(context, language, stand.program);
    const { simulator } = story.stand;
    const keys: Keys = { number: language === 'en' ? '100000079002' : '100000079001', key: canary('A'), vendorKey: canary('V') };
    const passwords = { admin: canary('P'), owner: canary('Q'), cashier: canary('R'), viewer: canary('S') };
    const laterKey = canary('B');
    const merchant = merchants[language];
    const codes: string[] = [];
    const orders: Record<string, Order> = {};
    const money = (amount: string) => `¥${amount}`;

    const admin = await story.person('admin');
    await story.chapter('the first administrator comes in by the one-time link', async () => {
      const email = 'admin@shop.example';
      await acceptLink(admin, story.stand.said.setup_link, passwords.admin, { email, name: 'Admin' });
      await admin.inspect();
      await signOutAndIn(admin, email, passwords.admin);
      await admin.inspect();
    });

    const owner = await story.person('owner');
    await story.chapter('a merchant is onboarded', async () => {
      const link = await merchantWithOwner(admin, merchant, { email: 'owner@shop.example', name: 'Owner' });
      await providerAccount(admin, simulator, keys);
      await testedAndLive(admin, simulator, keys);
      await acceptLink(owner, link, passwords.owner);
      await owner.page.getByText(merchant).first().waitFor();
      await owner.page.getByTestId('test-mode').waitFor();
      await owner.inspect();
    });

    await story.chapter('payments are taken', async () => {
      await owner.page.goto('/take-payment');
      await owner.page.getByTestId('till-form').waitFor();
      orders.paid = remember(await charge(owner, simulator, '12.34', 'paid', ['succeeded']));
      await nextCustomer(owner);
      orders.slow = remember(await charge(owner, simulator, '1,000.5', 'slow', ['processing', 'succeeded']));
      await nextCustomer(owner);
      orders.unknown = remember(await charge(owner, simulator, '3', 'unknown', ['unknown']));
      assert.equal(await result(owner).getByTestId('payment-status').textContent(), doubt[language]);
      await nextCustomer(owner);
      orders.qr = await chargeByQR(owner, simulator, '0.01');
    });

    await story.chapter('bad input is told beside its field and changes nothing', async () => {
      const count = await story.stand.orders();
      await nextCustomer(owner);
      await refusedAtTheTill(owner, simulator.code('paid'));
      assert.equal(await story.stand.orders(), count, 'orders in the database');
    });

    await story.chapter('a double click charges once', async () => {
      const count = await story.stand.orders();
      const code = simulator.code('paid');
      codes.push(code);
      await owner.page.getByLabel(owner.t('till.code'), { exact: true }).fill(code);
      await owner.page.getByTestId('till-submit').dblclick();
      await result(owner, 'succeeded').waitFor();
      orders.double = owner.reply<Order>('POST', /\/v1\/payments$/);
      assert.equal(await story.stand.orders(), count + 1, 'orders in the database');
    });

    await story.chapter('orders are found, filtered and read', async () => {
      await findsOrders(owner, Object.values(orders), doubt[language]);
      await reads(owner, orders.unknown!, doubt[language]);
    });

    await story.chapter('the list is exported, and the file read', () => exportsOrders(owner, [orders.paid!, orders.slow!]));

    await story.chapter('an order is refunded, never beyond what is left', async () => {
      const { page, t } = owner;
      await openOrder(owner, orders.paid!);
      const late = await owner.context.newPage();
      await late.goto(`/orders/${orders.paid!.id}`);
      await openRefund(owner, late, money('12.34'));
      await openRefund(owner, page, money('12.34'));
      await refund(owner, page, '4.34', 'one cup was cold');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.getByTestId('refund-list').getByText(t('states.refund.succeeded')).waitFor();
      assert.equal(await page.getByTestId('refundable').textContent(), money('8.00'));
      await refund(owner, late, '8.01', 'too much');
      await late.locator('.ant-form-item-explain-error').getByText(t('amount.overRemaining')).waitFor();
      await owner.inspect(late);
      await late.close();
      await openRefund(owner, page, money('8.00'));
      await owner.inspect();
      await refund(owner, page, '8.01', 'too much');
      await page.locator('.ant-form-item-explain-error').getByText(t('amount.overRemaining')).waitFor();
      await refund(owner, page, 'all', 'the rest');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.getByTestId('refundable').getByText(money('0.00')).waitFor();
      await owner.inspect();
      assert.equal(await owner.button('orders.refund').count(), 0, 'nothing is left to refund');
    });

    await story.chapter("the provider's ledger agrees to the fen", async () => {
      const of = async (order: Order) => {
        const { paid, refunded, net, pays, refunds } = await simulator.ledger(keys.number, order.order_no);
        return { paid, refunded, net, pays, refunds };
      };
      assert.deepEqual(await of(orders.paid!), { paid: 1234, refunded: 1234, net: 0, pays: 1, refunds: 2 });
      assert.deepEqual(await of(orders.slow!), { paid: 100050, refunded: 0, net: 100050, pays: 1, refunds: 0 });
      assert.deepEqual(await of(orders.qr!), { paid: 1, refunded: 0, net: 1, pays: 1, refunds: 0 });
      assert.deepEqual(await of(orders.double!), { paid: 100, refunded: 0, net: 100, pays: 1, refunds: 0 });
      // The one call under a terminal that the provider did not know yet, in the onboarding.
      assert.deepEqual(await simulator.violations(), ['INVALID_TERMINAL']);
    });

    await story.chapter('a refund over the limit waits for a second person', async () => {
      await setTier(owner, passwords.owner, '5');
      await refundNeedsAnother(owner, admin, passwords.admin, orders.slow!, money('1,000.50'));
      assert.equal((await simulator.ledger(keys.number, orders.slow!.order_no)).refunded, 600);
    });

    await story.chapter('an order in doubt is settled with evidence by two people', () => settles(owner, admin, passwords, orders.unknown!));

    await story.chapter('an alert is seen and taken', async () => {
      await story.stand.alert(orders.slow!.order_no);
      await takesAlert(owner, orders.slow!);
    });

    await story.chapter('roles are offered what they may do', async () => {
      const cashier = await story.person('cashier');
      const viewer = await story.person('viewer');
      await cashierAndViewer(owner, cashier, viewer, passwords, orders.slow!);
    });

    await story.chapter('a second version of the key works', async () => {
      await simulator.terminal(keys.number, laterKey);
      await secondKey(admin, merchant, laterKey);
      await owner.page.goto('/take-payment');
      remember(await charge(owner, simulator, '5', 'paid', ['succeeded']));
    });

    await story.chapter('the keys are in Vault, versioned, and nowhere else', async () => {
      await versionsInVault(story.stand, [[keys.key, keys.vendorKey], [laterKey, keys.vendorKey]]);
      const entered = { terminalKey: keys.key, vendorKey: keys.vendorKey, laterKey, ...passwords };
      await nothingLeaked(story, { entered, codes, known: merchant, heldBySimulator: laterKey });
    });

    function remember(made: Order & { code: string }): Order {
      codes.push(made.code);
      return made;
    }
  });
}
