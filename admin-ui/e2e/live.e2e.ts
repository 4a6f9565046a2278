import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { endsTheSession, findsAll, loses, losesConnection, longNames, noticesSignOut, refusesOnce, repeats, slow } from './badInput.ts';
import { charge, nextCustomer, openOrder, type Order } from './money.ts';
import { acceptLink, type Keys, merchantWithOwner, providerAccount, testedAndLive } from './onboarding.ts';
import { canary } from './secrets.ts';
import { Story } from './story.ts';
import { buildStand } from './stand.ts';

/**
 * What is on screen changes by itself, any number is found, and what goes wrong around a form
 * loses nothing that was typed and sends nothing twice.
 */
let stand: Awaited<ReturnType<typeof buildStand>>;
before(async () => (stand = await buildStand()));
after(() => stand.remove());

test('live updates, the palette, and what goes wrong', async (context) => {
  const story = await Story.begin(context, 'zh-CN', stand.program);
  const { simulator } = story.stand;
  const keys: Keys = { number: '100000079003', key: canary('A'), vendorKey: canary('V') };
  const passwords = { admin: canary('P'), owner: canary('Q') };
  const admin = await story.person('admin');
  const owner = await story.person('owner');
  for (const person of story.people) person.context.setDefaultTimeout(120_000);
  const orders: Order[] = [];
  const take = async () => {
    await owner.page.goto('/take-payment');
    await owner.page.getByTestId('till-form').waitFor();
    const order = await charge(owner, simulator, '12.34', 'paid', ['succeeded']);
    orders.push(order);
    await nextCustomer(owner);
    return order;
  };
  const ledger = (order: Order) => simulator.ledger(keys.number, order.order_no);

  await story.chapter('a merchant is there', async () => {
    await acceptLink(admin, story.stand.said.setup_link, passwords.admin, { email: 'admin@shop.example', name: 'Admin' });
    const link = await merchantWithOwner(admin, '断桥伞铺', { email: 'owner@shop.example', name: 'Owner' });
    await providerAccount(admin, simulator, keys);
    await testedAndLive(admin, simulator, keys);
    await acceptLink(owner, link, passwords.owner);
  });

  await story.chapter('a list in another browser shows a new order by itself', async () => {
    await admin.page.goto('/orders');
    await admin.page.evaluate('window.sameDocument = true');
    const order = await take();
    await admin.page.locator('tbody tr[data-row-key]').filter({ hasText: order.order_no }).waitFor();
    assert.equal(await admin.page.evaluate('window.sameDocument'), true, 'without a reload');
    assert.match(admin.replies.filter((r) => r.url.endsWith('/v1/stream')).map((r) => r.text).join(''), /"payments"/, 'it was told');
  });

  await story.chapter('the palette finds an order by the provider’s number, and a page by either name', () => findsAll(owner, orders[0]!));

  await story.chapter('a slow answer and a double click send once', async () => slow(owner, await take(), ledger));
  await story.chapter('a fault of the server loses nothing that was typed', async () => refusesOnce(owner, await take(), ledger));
  await story.chapter('an answer that was lost is not a refund that failed', async () => loses(owner, await take(), ledger));
  await story.chapter('without a network nothing leaves later by itself', async () => losesConnection(owner, await take(), ledger));
  await story.chapter('a session that ended in a form is opened again in place', async () => endsTheSession(owner, await take(), ledger, passwords.owner));
  await story.chapter('going back sends nothing again', async () => {
    await openOrder(owner, orders[1]!);
    await repeats(owner);
  });
  await story.chapter('names of 200 characters and emoji do not break a page', () => longNames(owner));
  await story.chapter('signing out in one tab is noticed in the other', () => noticesSignOut(owner));
});
