import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch } from './browser.ts';
import { DevHost } from './dev.ts';
import { stops, unvisited } from './pages.ts';
import { called, defects, looks, unspoken, Visitors } from './visit.ts';

/**
 * Every page of the running product in Chinese and English, a sample of them in the dark and on a phone: it makes the browser complain of nothing,
 * breaks no rule of axe, says everything in words, and is not wider than the screen. `make screenshots` walks the same way with a camera.
 */
test('every route of the console has a stop', () => assert.deepEqual(unvisited(), []));

test('a key where words should stand is seen', () => {
  assert.deepEqual(unspoken('订单 orders.title\npay_01 operator@demo.example 共 {{count}} 笔 ¥NaN'), ['orders.title', '{{count', 'NaN']);
  assert.deepEqual(unspoken('https://shop.example/orders.html v1.2.3 提示：undefinedness'), []);
});

test('the pages, in both languages, in the dark and on a phone', async (context) => {
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
    const complaints: string[] = [];
    let seen = 0;
    await visitors.walk(async ({ guest, stop, look, wrong }) => {
      seen++;
      for (const line of await wrong()) complaints.push(`${guest}, ${stop.name}, ${called(look)}: ${line}`);
    });
    assert.deepEqual(complaints, []);
    assert.ok(seen >= 2 * Object.values(stops).flat().length, `only ${seen} pages came`);
  });
});
