import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sizes } from './browser.ts';
import { acceptLink, merchantWithOwner } from './onboarding.ts';
import { getsAccount, goesLive } from './payouts.ts';
import { asksForBalances, followsAFigure, givesBack, looksAtTheSettlement, looksAtTheSystem, pays, readsTheChart, seesFigures } from './reports.ts';
import { canary } from './secrets.ts';
import { Story } from './story.ts';
import { buildStand } from './stand.ts';

/**
 * Reports to look at: home, balances, the settlement, how the provider answers and the system
 * show what this story did, computed here.
 */
let stand: Awaited<ReturnType<typeof buildStand>>;
before(async () => (stand = await buildStand()));
after(() => stand.remove());

test('reports tell what happened', async (context) => {
  const story = await Story.begin(context, 'zh-CN', stand.program);
  const simulator = story.stand.simulatorOf('shouqianba');
  const passwords = { admin: canary('P'), owner: canary('Q') };
  const admin = await story.person('admin');
  const owner = await story.person('owner');
  for (const person of story.people) person.context.setDefaultTimeout(120_000);
  const orders: Awaited<ReturnType<typeof pays>>[] = [];

  await story.chapter('a merchant takes payments and gives some back', async () => {
    await acceptLink(admin, story.stand.said.setup_link, passwords.admin, { email: 'admin@shop.example', name: 'Admin' });
    const link = await merchantWithOwner(admin, '平湖秋月茶馆', { email: 'owner@shop.example', name: 'Owner' });
    await goesLive(admin, simulator);
    const { id } = admin.reply<{ id: string }>('POST', /\/v1\/tenants$/);
    await getsAccount(admin, id, story.stand.simulatorOf('mmsp'), false); // it states balances
    await acceptLink(owner, link, passwords.owner);
    for (const amount of [1234, 2000]) orders.push(await pays(owner, simulator, amount, 'paid'));
    const old = await pays(owner, simulator, 10_000, 'paid');
    await story.stand.age(old.order_no, 7);
    const [refused, doubtful] = [await pays(owner, simulator, 300, 'poor'), await pays(owner, simulator, 500, 'unknown')];
    assert.deepEqual([...orders, old, refused].map((o) => o.state), ['succeeded', 'succeeded', 'succeeded', 'failed']);
    assert.equal(doubtful.unknown, true);
    await givesBack(owner, orders[0]!, 234);
  });

  await story.chapter('home compares a period with the one before', () => seesFigures(owner, { paid: orders.map((o) => o.amount), failed: 1, refunded: 234, before: 10_000 }));
  await story.chapter('the chart is a table as well', () => readsTheChart(owner));
  await story.chapter('a figure leads to what it counts', () => followsAFigure(owner, orders));
  await story.chapter('balances are asked for now', () => asksForBalances(owner));
  await story.chapter('the settlement is drawn', () => looksAtTheSettlement(owner, 13_234, 234));
  await story.chapter('the platform sees how the provider answers and what runs', () => looksAtTheSystem(admin, simulator.provider));

  await story.chapter('everything fits a phone', async () => {
    for (const [person, paths] of [[owner, ['/', '/balances', '/settlement']], [admin, ['/providers/health', '/system']]] as const) {
      await person.page.setViewportSize(sizes.phone);
      for (const path of paths) {
        await person.page.goto(path);
        await person.inspect();
        assert.ok((await person.page.evaluate<number>('document.documentElement.scrollWidth')) <= sizes.phone.width, `${path} is wider than the phone`);
      }
    }
  });
});
