import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openOrder, openRefund, type Order, refund } from './money.ts';
import { acceptLink, merchantWithOwner } from './onboarding.ts';
import { dropsIn, onboardsOn, refusesATextFile, takesByQR, upgradesAndRollsBack } from './plugins.ts';
import { canary } from './secrets.ts';
import { Story } from './story.ts';
import { buildStand } from './stand.ts';

/**
 * A provider that the host was started without is dropped in while it runs: its binary is copied into the
 * plugin directory, approved in the browser, and a merchant takes and refunds a payment on it.
 */
let stand: Awaited<ReturnType<typeof buildStand>>;
before(async () => (stand = await buildStand()));
after(() => stand.remove());

const provider = 'wechatpay';

test('a provider is dropped in', async (context) => {
  const story = await Story.begin(context, 'zh-CN', stand.program, provider);
  const simulator = story.stand.simulatorOf(provider);
  const passwords = { admin: canary('P'), owner: canary('Q') };
  const admin = await story.person('admin');
  const owner = await story.person('owner');
  // Processes are started and tested, also while the machine does other things.
  for (const person of story.people) person.context.setDefaultTimeout(120_000);
  let order: Order;

  await story.chapter('a text file is no plugin', async () => {
    await acceptLink(admin, story.stand.said.setup_link, passwords.admin, { email: 'admin@shop.example', name: 'Admin' });
    await refusesATextFile(admin, passwords.admin);
  });

  await story.chapter('a binary is dropped in, read and approved', () => dropsIn(admin, story.stand, passwords.admin, provider));

  await story.chapter('a merchant is onboarded on it', async () => {
    const link = await merchantWithOwner(admin, '断桥伞铺', { email: 'owner@shop.example', name: 'Owner' });
    await onboardsOn(admin, simulator);
    await acceptLink(owner, link, passwords.owner);
  });

  await story.chapter('a payment is taken and refunded', async () => {
    order = await takesByQR(owner, simulator, '12.34');
    await openOrder(owner, order);
    await openRefund(owner, owner.page, '¥12.34');
    await refund(owner, owner.page, '4.34', 'one rib was broken');
    await owner.page.getByRole('dialog').waitFor({ state: 'detached' });
    await owner.page.getByTestId('refund-list').getByText(owner.t('states.refund.succeeded')).waitFor();
    await owner.inspect();
    const { paid, refunded, pays, refunds } = await simulator.ledger(simulator.contract.credentials.mchid!, order.order_no);
    assert.deepEqual({ paid, refunded, pays, refunds }, { paid: 1234, refunded: 434, pays: 1, refunds: 1 });
    assert.deepEqual(await simulator.violations(), []);
  });

  await story.chapter('it is upgraded and taken back', async () => {
    await upgradesAndRollsBack(admin, story.stand, passwords.admin, provider);
    await takesByQR(owner, simulator, '0.01');
  });
});
