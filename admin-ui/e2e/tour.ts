import { axe, launch, open, screenshot, settled, signIn, type Language, type Size, type Theme } from './browser.ts';

/**
 * Walks every page, writes a picture of each and prints what axe and the browser complain of.
 *   ZHANGGUI_URL=http://… TOUR_EMAIL=… TOUR_PASSWORD=… TOUR_LOOK=phone-en npm run tour [part of a page's name]
 */
const url = process.env.ZHANGGUI_URL ?? 'http://127.0.0.1:5199';
const only = process.argv[2];

interface Stop {
  name: string;
  path: string;
  /** Opens the first row of the list, for a detail page. */
  first?: boolean;
  /** Opens a day of the reconciliation grid by its state. */
  cell?: string;
}

const stops: Record<'platform' | 'owner', Stop[]> = {
  platform: [
    { name: 'home', path: '/' },
    { name: 'merchants', path: '/merchants' },
    { name: 'merchant', path: '/merchants', first: true },
    { name: 'onboard', path: '/merchants/new' },
    { name: 'orders', path: '/orders' },
    { name: 'approvals', path: '/approvals' },
    { name: 'approval', path: '/approvals', first: true },
    { name: 'cases', path: '/cases' },
    { name: 'case', path: '/cases', first: true },
    { name: 'alerts', path: '/alerts?all=true' },
    { name: 'callbacks', path: '/callbacks' },
    { name: 'reconciliation', path: '/reconciliation' },
    { name: 'differences', path: '/differences?all=true' },
    { name: 'providers', path: '/providers' },
    { name: 'provider', path: '/providers', first: true },
    { name: 'plugins', path: '/plugins' },
    { name: 'plugin', path: '/plugins', first: true },
    { name: 'team', path: '/team' },
    { name: 'audit', path: '/audit' },
    { name: 'profile', path: '/profile' },
  ],
  owner: [
    { name: 'home', path: '/' },
    { name: 'till', path: '/take-payment' },
    { name: 'orders', path: '/orders' },
    { name: 'orders-empty', path: '/orders?min=98765.43' },
    { name: 'order', path: '/orders?state=succeeded', first: true },
    { name: 'order-unknown', path: '/orders?unknown=true', first: true },
    { name: 'refunds', path: '/refunds' },
    { name: 'refund', path: '/refunds', first: true },
    { name: 'approvals-history', path: '/approvals?view=history' },
    { name: 'tiers', path: '/approvals/tiers' },
    { name: 'alerts', path: '/alerts' },
    { name: 'callbacks', path: '/callbacks' },
    { name: 'reconciliation', path: '/reconciliation' },
    { name: 'reconciliation-day', path: '/reconciliation?open=true', cell: 'open' },
    { name: 'reconciliation-waiting', path: '/reconciliation', cell: 'waiting' },
    { name: 'differences', path: '/differences?all=true' },
    { name: 'difference', path: '/differences?kind=state', first: true },
    { name: 'settlement', path: '/settlement' },
    { name: 'entries', path: '/settlement/entries' },
    { name: 'shift', path: '/shift' },
    { name: 'exports', path: '/exports' },
    { name: 'bill-imports', path: '/bill-imports' },
    { name: 'bill-import-new', path: '/bill-imports/new' },
    { name: 'bill-mappings', path: '/bill-imports/mappings' },
    { name: 'stores', path: '/stores' },
    { name: 'team', path: '/team' },
    { name: 'api-keys', path: '/api-keys' },
  ],
};

const looks: { size: Size; language: Language; theme: Theme }[] = [
  { size: 'desktop', language: 'zh-CN', theme: 'light' },
  { size: 'desktop', language: 'en', theme: 'light' },
  { size: 'desktop', language: 'zh-CN', theme: 'dark' },
  { size: 'phone', language: 'zh-CN', theme: 'light' },
  { size: 'phone', language: 'en', theme: 'dark' },
];

const browser = await launch();
let found = 0;
for (const look of looks) {
  const suffix = `${look.size}-${look.language}-${look.theme}`;
  if (process.env.TOUR_LOOK && !suffix.includes(process.env.TOUR_LOOK)) continue;
  for (const who of ['platform', 'owner'] as const) {
    const { context, page, complaints } = await open(browser, url, look);
    const inspect = async (name: string) => {
      await settled(page);
      await screenshot(page, `${name}-${suffix}`);
      const wrong = [...(await axe(page)), ...complaints.splice(0)];
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) wrong.push(`the page is ${wide} px wider than the screen`);
      found += wrong.length;
      for (const line of wrong) console.log(`${name}-${suffix}: ${line}`);
    };
    if (who === 'platform' && (!only || 'login'.includes(only))) {
      await page.goto('/login');
      await page.locator('#email').waitFor();
      await inspect('login');
    }
    const email = who === 'platform' ? (process.env.TOUR_EMAIL ?? 'admin@example.com') : (process.env.TOUR_OWNER ?? 'owner@example.com');
    await signIn(page, email, process.env.TOUR_PASSWORD ?? 'mock-password');
    for (const stop of stops[who]) {
      if (only && !stop.name.includes(only)) continue;
      await page.goto(stop.path);
      await page.locator('#content').waitFor();
      await settled(page);
      if (stop.first) {
        await page.locator('#content tbody a, #content .zg-cards a').first().click();
        await page.locator('.zg-back').waitFor();
      }
      if (stop.cell) {
        await page.locator(`.zg-grid-cell[data-state="${stop.cell}"]`).first().click();
        await page.locator('.zg-back').waitFor();
      }
      await inspect(`${who}-${stop.name}`);
    }
    await context.close();
  }
}
await browser.close();
console.log(found === 0 ? 'Nothing to complain of.' : `${found} complaints.`);
process.exitCode = found === 0 ? 0 : 1;
