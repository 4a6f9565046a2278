import { fileURLToPath } from 'node:url';
import { launch, screenshot, screenshotsDir } from './browser.ts';
import { DevHost } from './dev.ts';
import { called, Visitors } from './visit.ts';

/**
 * Makes a picture of every page of the running product, in both languages, in the dark and on a phone, and says what is wrong with any.
 * The guides' pictures (docs/images/guides) are made anew on the way.
 *   make screenshots                    all of them
 *   make screenshots ONLY=orders        pages whose picture's name has this in it
 *   make screenshots ONLY=guides        the guides' pictures
 */
const guides = process.env.ZHANGGUI_GUIDES ?? fileURLToPath(new URL('../../docs/images/guides', import.meta.url));
const only = process.env.ONLY ?? '';

const [host, browser] = await Promise.all([DevHost.start(), launch()]);
let made = 0;
let found = 0;
try {
  const visitors = await Visitors.arrive(browser, host);
  await visitors.walk(
    async ({ guest, stop, look, page, wrong }) => {
      const name = `${guest}-${stop.name}-${called(look)}`;
      await screenshot(page, name);
      if (stop.guide && !look.sample) await page.screenshot({ path: `${guides}/${look.language === 'en' ? 'en' : 'zh'}/${stop.guide}.png` });
      made++;
      for (const line of await wrong()) {
        found++;
        console.log(`${name}: ${line}`);
      }
    },
    (look, guest, stop) => (only === 'guides' ? stop.guide !== undefined && !look.sample : `${guest}-${stop.name}-${called(look)}`.includes(only)),
  );
} finally {
  await browser.close();
  await host.stop();
}
console.log(`${made} pictures in ${screenshotsDir}. ${found === 0 ? 'Nothing to complain of.' : `${found} complaints.`}`);
process.exitCode = found === 0 ? 0 : 1;
