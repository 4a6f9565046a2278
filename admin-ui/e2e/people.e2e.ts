import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe } from './browser.ts';
import { openOrder, type Order } from './money.ts';
import { acceptLink, type Keys, merchantWithOwner, providerAccount, testedAndLive } from './onboarding.ts';
import { authenticatorCode, changesRole, enrols, entersWith, fillsIn, freezes, invites, invitesAgain, lifts, longName, masked, refusedLink, setsLimit, tillRefuses, tillTakes } from './people.ts';
import { canary } from './secrets.ts';
import { Story } from './story.ts';
import { buildStand } from './stand.ts';

/** People come, prove who they are, lose their rights at once, and what a merchant may take is bounded and stopped. */
let stand: Awaited<ReturnType<typeof buildStand>>;
before(async () => (stand = await buildStand()));
after(() => stand.remove());

test('people, their rights and the limits', async (context) => {
  const story = await Story.begin(context, 'zh-CN', stand.program);
  const { simulator } = story.stand;
  const keys: Keys = { number: '100000079003', key: canary('A'), vendorKey: canary('V') };
  const passwords = { admin: canary('P'), owner: canary('Q'), finance: canary('F') };
  const email = 'finance@shop.example';
  const admin = await story.person('admin');
  const owner = await story.person('owner');
  const finance = await story.person('finance');
  for (const person of story.people) person.context.setDefaultTimeout(120_000);
  let seed = '';
  let codes: string[] = [];
  let order: Order;

  await story.chapter('a merchant is onboarded', async () => {
    await acceptLink(admin, story.stand.said.setup_link, passwords.admin, { email: 'admin@shop.example', name: 'Admin' });
    const begun = Date.now();
    const link = await merchantWithOwner(admin, '雷峰糕点', { email: 'owner@shop.example', name: '店主' });
    await providerAccount(admin, simulator, keys);
    await testedAndLive(admin, simulator, keys);
    context.diagnostic(`from the list of merchants to the first that is live: ${Math.round((Date.now() - begun) / 1000)} s, with wrong keys and every page inspected on the way`);
    await acceptLink(owner, link, passwords.owner);
    await longName(owner);
  });

  await story.chapter('entered keys are masked, with who set them and when', () => masked(admin, '雷峰糕点', keys.key));

  await story.chapter('somebody is invited, again, and comes by the newest link', async () => {
    const first = await invites(owner, passwords.owner, { name: '会计😀', email, role: 'tenant_finance' });
    const second = await invitesAgain(owner, passwords.owner);
    await refusedLink(finance, first);
    // Pasted over the one that counts no more, where only what stands behind # changes.
    await acceptLink(finance, second, passwords.finance);
    await finance.inspect();
    await refusedLink(owner, second);
    await owner.page.goto('/team');
    await owner.page.getByText(owner.t('access.acceptedAt')).first().waitFor();
  });

  await story.chapter('one-time codes are set up and wanted', async () => {
    ({ seed, codes } = await enrols(finance, passwords.finance));
    assert.equal(await entersWith(finance, email, passwords.finance, authenticatorCode(seed, Date.now() + 30_000)), true, 'the code of the next half minute');
    await finance.inspect();
  });

  await story.chapter('a recovery code works once', async () => {
    assert.equal(await entersWith(finance, email, passwords.finance, codes[0]!), true, 'a recovery code');
    assert.equal(await entersWith(finance, email, passwords.finance, codes[0]!), false, 'the same again');
    assert.equal(await fillsIn(finance, passwords.finance, codes[0]!.toUpperCase()), false, 'the same in capitals');
    assert.equal(await entersWith(finance, email, passwords.finance, codes[1]!), true, 'another');
    await finance.page.goto('/profile');
    await finance.page.getByText(finance.t('profile.codesLeft', { count: 8 })).waitFor();
  });

  await story.chapter('a session ended elsewhere is noticed at the next click', async () => {
    const elsewhere = await story.person('elsewhere');
    elsewhere.context.setDefaultTimeout(120_000);
    assert.equal(await entersWith(elsewhere, email, passwords.finance, codes[2]!), true);
    await elsewhere.page.goto('/profile');
    await elsewhere.button('profile.endOthers').click();
    await elsewhere.page.getByRole('dialog').getByRole('button', { name: elsewhere.t('profile.endOthers') }).click();
    await elsewhere.page.getByText(elsewhere.t('profile.endedOthers')).waitFor();
    // However far the page has heard of it by itself.
    await finance.page.getByRole('link', { name: finance.t('nav.refunds'), exact: true }).first().dispatchEvent('click');
    await finance.page.getByText(finance.t('signin.endedTitle')).waitFor();
    // The page behind goes on waiting for its answer.
    assert.deepEqual(await axe(finance.page), []);
    assert.equal(await fillsIn(finance, passwords.finance, codes[3]!), true);
    assert.equal(new URL(finance.page.url()).pathname, '/refunds');
  });

  await story.chapter('a role taken away counts at the next click', async () => {
    await tillTakes(owner, '8', simulator.code('paid'));
    order = owner.reply<Order>('POST', /\/v1\/payments$/);
    await openOrder(finance, order);
    const { page, t } = finance;
    await finance.button('orders.refund').click();
    const dialog = page.getByRole('dialog').filter({ has: page.getByLabel(t('refundDialog.amount')) });
    await dialog.getByLabel(t('refundDialog.amount')).fill('1');
    await dialog.getByLabel(t('refundDialog.reason')).fill('不想要了');
    await changesRole(owner, passwords.owner, email, 'tenant_viewer');
    await dialog.locator('.ant-btn-primary').dispatchEvent('click');
    await page.getByText(t('signin.endedTitle')).waitFor();
    assert.equal(await fillsIn(finance, passwords.finance, codes[4]!), true);
    await page.locator('[data-testid="error"][data-code="forbidden"]').waitFor();
    await dialog.getByRole('button', { name: t('common.cancel'), exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await finance.button('orders.refund').waitFor({ state: 'detached' });
    await finance.inspect();
    assert.equal((await simulator.ledger(keys.number, order.order_no)).refunded, 0);
  });

  await story.chapter('a payment over the limit is refused with the amount that is left', async () => {
    await setsLimit(owner, passwords.owner, '10');
    const sentence = await tillRefuses(owner, '12.34', simulator.code('paid'), 'limit_exceeded');
    assert.ok(sentence.includes('¥10.00'), sentence);
    await tillTakes(owner, '9.99', simulator.code('paid'));
  });

  await story.chapter('a frozen account takes nothing until it is lifted', async () => {
    await freezes(owner, passwords.owner, '疑似盗刷');
    assert.ok((await tillRefuses(owner, '1', simulator.code('paid'), 'frozen')).includes('疑似盗刷'));
    await lifts(owner, passwords.owner);
    await tillTakes(owner, '1', simulator.code('paid'));
  });

  await story.chapter('the log says who did it, and is whole', async () => {
    const { page, t } = owner;
    await page.goto('/audit?action=freeze.create');
    await page.getByText(t('audit.change'), { exact: true }).first().click();
    await page.getByText('疑似盗刷').first().waitFor();
    await owner.inspect();
    await owner.button('audit.verify').click();
    await page.locator('[data-testid="audit-verdict"][data-ok="true"]').waitFor();
    await owner.inspect();
    await page.getByRole('dialog').getByRole('button', { name: t('common.close'), exact: true }).last().click();
  });
});
