import assert from 'node:assert/strict';
import { confirmed } from './confirm.ts';
import { openRefund, type Order, refund, result } from './money.ts';
import type { Person } from './person.ts';
import { sizes } from './browser.ts';

/** What is touched, as large as a thumb: 44 CSS pixels. A link within a sentence is as high as the sentence. */
const touched = '#content button, #content a.ant-btn, #content [role="tab"], #content input, .ant-modal button, .ant-modal input, .zg-tabbar a, .zg-tabbar button, .zg-top button';

/** The page as it stands needs no scrolling sideways, and what is to be touched can be. */
export async function fitsThumb(person: Person): Promise<void> {
  const { page } = person;
  await person.inspect();
  const at = new URL(page.url()).pathname;
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
  const heights = await page.locator(touched).evaluateAll((all) =>
    all
      .filter((e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && e.getBoundingClientRect().width > 0)
      .map((e) => ({
        what: `${e.tagName} ${e.textContent || e.getAttribute('aria-label')}`,
        height: Math.max(...[e, e.closest('label'), e.closest('.ant-input-affix-wrapper'), e.closest('.ant-select'), e.closest('.ant-picker')].map((box) => box?.getBoundingClientRect().height ?? 0)),
      })),
  );
  const small = heights.filter(({ height }) => height < 43.5);
  assert.ok(wide <= sizes.phone.width, `${at} is ${wide} wide on a phone`);
  assert.deepEqual(small, [], `too small for a thumb at ${at}`);
}

/** Takes a payment with the keys under the thumb. */
export async function takesOnPhone(person: Person, code: string): Promise<Order> {
  const { page, t } = person;
  await page.goto('/take-payment');
  await page.getByTestId('way-barcode').click();
  for (const key of ['1', '8', '.', '5']) await page.locator('.zg-keypad').getByRole('button', { name: key, exact: true }).click();
  assert.equal(await page.getByLabel(t('till.amount'), { exact: true }).inputValue(), '18.5');
  await page.getByLabel(t('till.code'), { exact: true }).fill(code);
  await fitsThumb(person);
  await page.getByTestId('till-submit').click();
  await result(person, 'succeeded').waitFor();
  await fitsThumb(person);
  return person.reply<Order>('POST', /\/v1\/payments$/);
}

/** Gives money back in two parts, the second of which another person has to agree to. */
export async function refundsOnPhone(person: Person, order: Order): Promise<void> {
  const { page, t } = person;
  await page.goto(`/orders/${order.id}`);
  await openRefund(person, page, '¥18.50');
  await fitsThumb(person);
  await refund(person, page, '4', '少了一本');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByTestId('refundable').getByText('¥14.50').waitFor();
  await openRefund(person, page, '¥14.50');
  await refund(person, page, '12', '全部退回');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByTestId('refund-list').getByText(t('states.refund.pending_approval')).waitFor();
  await fitsThumb(person);
}

/** Somebody else agrees on a phone. */
export async function agreesOnPhone(person: Person, password: string, about: string): Promise<void> {
  const { page, t } = person;
  await page.goto('/approvals');
  await page.locator('.zg-cards-item').filter({ hasText: about }).waitFor();
  await fitsThumb(person);
  await page.locator('.zg-cards-item').filter({ hasText: about }).getByRole('link').first().click();
  await page.locator('[data-testid="standing"][data-standing="decide"]').waitFor();
  await fitsThumb(person);
  await person.button('approvals.agree').click();
  const form = page.getByTestId('decide-form');
  await form.waitFor();
  await fitsThumb(person);
  await form.locator('button[type=submit]').click();
  await confirmed(person, password, page.locator('h1').getByText(t('states.approval.approved')));
  await fitsThumb(person);
}
