import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, screenshot } from './browser.ts';
import { DevHost } from './dev.ts';
import { unvisited } from './pages.ts';
import { called, defects, looks, unspoken, Visitors } from './visit.ts';

/**
 * Every page of the console over the demo's data: in Chinese and English at desktop width, a sample in the dark and on a phone. None
 * makes the browser complain, breaks a rule of axe, is wider than the screen or shows a key where words should stand.
 */
test('every route of the console has a stop', () => assert.deepEqual(unvisited(), []));

test('a key where words should stand is seen', () => {
  assert.deepEqual(unspoken('订单 orders.title\npay_01 operator@demo.example 共 {{count}} 笔 ¥NaN'), ['orders.title', '{{count', 'NaN']);
  assert.deepEqual(unspoken('https://shop.example/orders.html v1.2.3 提示：undefinedness'), []);
});

test('every page, in both languages, in the dark and on a phone', async (context) => {
  const host = await DevHost.start();
  context.after(() => host.stop());
  const browser = await launch();
  context.after(() => browser.close());
  const visitors = await Visitors.arrive(browser, host);

  await context.test('the sign-in page', async () => {
    for (const look of looks) {
      const { context: profile, page, complaints } = await visitors.profile(look);
      await page.goto('/login');
      await page.locator('#email').waitFor();
      assert.deepEqual([...(await defects(page, look)), ...complaints], [], called(look));
      await profile.close();
    }
  });

  await context.test('the pages behind it', async () => {
    const wrong: string[] = [];
    let seen = 0;
    await visitors.walk(async (sight) => {
      seen++;
      const name = `${sight.guest}-${sight.stop.name}-${called(sight.look)}`;
      const found = await sight.wrong();
      if (found.length > 0) await screenshot(sight.page, name);
      wrong.push(...found.map((line) => `${name}: ${line}`));
    });
    context.diagnostic(`${seen} pages looked at`);
    assert.deepEqual(wrong, []);
  });
});
