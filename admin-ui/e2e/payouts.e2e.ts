import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sizes } from './browser.ts';
import { bringsBill, endsDifferences } from './differences.ts';
import { acceptLink, merchantWithOwner } from './onboarding.ts';
import { agreeInBulk, arePaid, asksAboutDoubt, asksForPayout, goesLive, payees, type Payout, refusesBadPayouts, uploadsBadFile, uploadsGoodFile } from './payouts.ts';
import { canary } from './secrets.ts';
import { Story } from './story.ts';
import { buildStand } from './stand.ts';

/**
 * Money is sent: one payout and a file of them, agreed to by a second person at once; one of them
 * stays in doubt until the provider's bill shows what became of it, and two people correct it.
 */
let stand: Awaited<ReturnType<typeof buildStand>>;
before(async () => (stand = await buildStand()));
after(() => stand.remove());

const provider = 'mmsp';

test('money is sent to payees', async (context) => {
  const story = await Story.begin(context, 'zh-CN', stand.program);
  const simulator = story.stand.simulatorOf(provider);
  const passwords = { admin: canary('P'), owner: canary('Q') };
  const admin = await story.person('admin');
  const owner = await story.person('owner');
  for (const person of story.people) person.context.setDefaultTimeout(120_000);
  let single: Payout;
  let doubtful: Payout;
  let batch: string;

  await story.chapter('a merchant is onboarded on a provider that pays out', async () => {
    await acceptLink(admin, story.stand.said.setup_link, passwords.admin, { email: 'admin@shop.example', name: 'Admin' });
    const link = await merchantWithOwner(admin, '孤山书局', { email: 'owner@shop.example', name: 'Owner' });
    await goesLive(admin, simulator);
    await acceptLink(owner, link, passwords.owner);
  });

  await story.chapter('payouts are asked for one by one, and once', async () => {
    await refusesBadPayouts(owner);
    single = await asksForPayout(owner, passwords.owner, '1,234.50', '壹仟贰佰叁拾肆元伍角整', payees.paid);
    doubtful = await asksForPayout(owner, passwords.owner, '5', '伍元整', payees.unknown);
  });

  await story.chapter('a file with a bad row makes nothing', () => uploadsBadFile(owner));

  await story.chapter('the mended file waits as a whole', async () => {
    batch = await uploadsGoodFile(owner, passwords.owner);
  });

  await story.chapter('a second person agrees to all of it at once', () => agreeInBulk(owner, admin, passwords.admin, 3));

  await story.chapter("the provider's ledger agrees", () => arePaid(owner, simulator, single, batch));

  await story.chapter('a payout in doubt is asked about', () => asksAboutDoubt(owner, simulator, doubtful));

  await story.chapter("the provider's bill shows an exception, and people end it", async () => {
    await bringsBill(owner, provider, doubtful);
    await endsDifferences(owner, admin, { person: passwords.owner, second: passwords.admin }, doubtful);
  });

  await story.chapter('everything fits a phone', async () => {
    const { page } = owner;
    await page.setViewportSize(sizes.phone);
    for (const path of ['/payouts', `/payouts/${single.id}`, '/payouts/new', '/payouts/batches', `/payouts/batches/${batch}`, '/approvals?view=history', '/cases?all=true']) {
      await page.goto(path);
      await owner.inspect();
      assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= sizes.phone.width, `${path} is wider than the phone`);
    }
    assert.deepEqual(await simulator.violations(), []);
  });
});
