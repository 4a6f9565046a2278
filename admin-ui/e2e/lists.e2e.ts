import { after, before, test } from 'node:test';
import { signIn } from './browser.ts';
import { asksAboutSeveral, choosesColumns, exportsWhatIsShown, findsThemElsewhere, goesThroughMany, savesView, saysWhyNothing, widensNothing } from './lists.ts';
import { charge, nextCustomer, type Order } from './money.ts';
import { acceptLink, type Keys, merchantWithOwner, providerAccount, testedAndLive } from './onboarding.ts';
import { canary } from './secrets.ts';
import { Story } from './story.ts';
import { buildStand } from './stand.ts';

/** A list as one person wants it: columns, views, periods and what a file of it holds, in every browser they use. */
let stand: Awaited<ReturnType<typeof buildStand>>;
before(async () => (stand = await buildStand()));
after(() => stand.remove());

test('a list is arranged, and is so in another browser', async (context) => {
  const story = await Story.begin(context, 'zh-CN', stand.program);
  const { simulator } = story.stand;
  const keys: Keys = { number: '100000079001', key: canary('A'), vendorKey: canary('V') };
  const passwords = { admin: canary('P'), owner: canary('Q') };
  const email = 'owner@shop.example';
  const [admin, owner] = [await story.person('admin'), await story.person('owner')];
  for (const person of story.people) person.context.setDefaultTimeout(120_000);
  const view = '今日已支付';
  const orders: Order[] = [];
  let columns: string[];

  await story.chapter('a merchant has orders', async () => {
    await acceptLink(admin, story.stand.said.setup_link, passwords.admin, { email: 'admin@shop.example', name: 'Admin' });
    const link = await merchantWithOwner(admin, '断桥伞铺', { email, name: 'Owner' });
    await providerAccount(admin, simulator, keys);
    await testedAndLive(admin, simulator, keys);
    await acceptLink(owner, link, passwords.owner);
    await owner.page.goto('/take-payment');
    await owner.page.getByTestId('till-form').waitFor();
    orders.push(await charge(owner, simulator, '12.34', 'paid', ['succeeded']));
    for (const amount of ['3', '4']) {
      await nextCustomer(owner);
      orders.push(await charge(owner, simulator, amount, 'unknown', ['unknown']));
    }
  });

  await story.chapter('a column is hidden and another moved', async () => {
    columns = await choosesColumns(owner);
  });

  await story.chapter('what is looked at every day is saved under a name', () => savesView(owner, view));

  await story.chapter('both are there in another browser', async () => {
    const elsewhere = await story.person('elsewhere');
    elsewhere.context.setDefaultTimeout(120_000);
    await elsewhere.page.goto('/login');
    await signIn(elsewhere.page, email, passwords.owner);
    await findsThemElsewhere(elsewhere, view, columns, orders[0]!, orders[1]!);
  });

  await story.chapter('an empty list says why, and widens', () => widensNothing(owner));

  await story.chapter('every list says why it is empty', () => saysWhyNothing(owner, admin));

  await story.chapter('a file has the columns that are shown', () => exportsWhatIsShown(owner, orders[0]!));

  await story.chapter('several orders in doubt are asked about at once', () => asksAboutSeveral(owner, '/orders?unknown=true', orders.slice(1)));

  await story.chapter('several cases of the queue are asked about at once', () => asksAboutSeveral(owner, '/cases', orders.slice(1)));

  await story.chapter('ten thousand orders are gone through in the order that is wanted', async () => {
    await story.stand.manyOrders(orders[0]!.order_no, 10_000);
    await goesThroughMany(owner, 10_000);
  });
});
