import type { Browser, Cookie, Page } from 'playwright-core';
import en from '../src/i18n/en/index.ts';
import { axe, type Language, open, type Opened, settled, type Size, type Theme } from './browser.ts';
import { DevHost, type Guest } from './dev.ts';
import { type Stop, stops } from './pages.ts';
import { words } from './words.ts';

export interface Look {
  size: Size;
  language: Language;
  theme: Theme;
  /** Only the pages marked as samples. */
  sample?: true;
}

/** Both languages at desktop width; a sample in the dark and on a phone. */
export const looks: Look[] = [
  { size: 'desktop', language: 'zh-CN', theme: 'light' },
  { size: 'desktop', language: 'en', theme: 'light' },
  { size: 'desktop', language: 'zh-CN', theme: 'dark', sample: true },
  { size: 'phone', language: 'zh-CN', theme: 'light', sample: true },
  { size: 'phone', language: 'en', theme: 'dark', sample: true },
];

export function called(look: Look): string {
  return `${look.size}-${look.language}-${look.theme}`;
}

/** A page that somebody looks at, as it stands in the browser. */
export interface Sight {
  guest: Guest;
  stop: Stop;
  look: Look;
  page: Page;
  /** What is wrong with it; nothing when it is as it should be. */
  wrong: () => Promise<string[]>;
}

/** Everybody of the demo, signed in once, in as many browser profiles as wanted. */
export class Visitors {
  private readonly found = new Map<string, Promise<string>>();
  private readonly busy = new WeakSet<Page>();

  private constructor(
    private readonly browser: Browser,
    private readonly host: DevHost,
    private readonly cookies: Record<Guest, Cookie[]>,
  ) {}

  static async arrive(browser: Browser, host: DevHost): Promise<Visitors> {
    const cookies = {} as Record<Guest, Cookie[]>;
    for (const guest of Object.keys(host.links) as Guest[]) {
      const { context, page } = await open(browser, host.url);
      page.setDefaultTimeout(300_000);
      await page.goto(host.links[guest]);
      await page.locator('#content').waitFor();
      cookies[guest] = await context.cookies();
      await context.close();
    }
    return new Visitors(browser, host, cookies);
  }

  /** A browser profile of somebody, or of nobody in particular. */
  async profile(look: Look, guest?: Guest): Promise<Opened> {
    const opened = await open(this.browser, this.host.url, { ...look, ...(guest && { cookies: this.cookies[guest] }) });
    opened.context.setDefaultTimeout(300_000); // a busy machine is no failure
    opened.page.on('response', (response) => {
      const { pathname, search } = new URL(response.url());
      // 503 says that this machine has no time now, which is nothing about the page: go() comes again.
      if (guest && response.status() === 503) this.busy.add(opened.page);
      else if (guest && response.status() >= 400 && pathname.startsWith('/v1/')) opened.complaints.push(`${response.status()} ${response.request().method()} ${pathname}${search}`);
    });
    return opened;
  }

  /** Walks all pages in all looks, three profiles at a time, and shows each to look. */
  async walk(show: (sight: Sight) => Promise<void>, wanted: (look: Look, guest: Guest, stop: Stop) => boolean = () => true): Promise<void> {
    const walks = looks.flatMap((look) =>
      (Object.keys(stops) as Guest[]).map((guest) => ({ look, guest, list: stops[guest].filter((stop) => (stop.sample || !look.sample) && wanted(look, guest, stop)) })),
    ).filter(({ list }) => list.length > 0);
    const walker = async () => {
      for (let next = walks.shift(); next; next = walks.shift()) await this.along(next.look, next.guest, next.list, show);
    };
    await Promise.all([walker(), walker(), walker()]);
  }

  private async along(look: Look, guest: Guest, list: Stop[], show: (sight: Sight) => Promise<void>): Promise<void> {
    const { context, page, complaints } = await this.profile(look, guest);
    let before: Stop | undefined;
    for (const stop of list) {
      // A page that does not come is one thing wrong, and no reason to leave out the others.
      const failed = await this.go(page, guest, stop, look, before).then(() => [], (error: Error) => [error.message]);
      before = failed.length > 0 ? undefined : stop;
      await show({ guest, stop, look, page, wrong: async () => [...failed, ...(failed.length > 0 ? [] : await defects(page, look)), ...complaints.splice(0)] });
    }
    await context.close();
  }

  private async go(page: Page, guest: Guest, stop: Stop, look: Look, before: Stop | undefined): Promise<void> {
    const address = await this.address(guest, stop);
    // Within the console as a click goes; what is the same page, or has a dialog open, is loaded anew.
    if (!before || before.open || before.route === stop.route) await page.goto(address);
    else await follow(page, address);
    await this.arrived(page);
    if (!stop.open) return;
    await page.getByRole('button', { name: words(look.language)(stop.open), exact: true }).first().click();
    await page.getByRole('dialog').waitFor();
    await settled(page);
  }

  /** The page is there with all that it loads; a host that had no time for it is asked again. */
  private async arrived(page: Page): Promise<void> {
    for (let tries = 0; ; tries++) {
      const head = page.locator('#content h1, [data-testid="error"]').first();
      await head.waitFor();
      await settled(page);
      if (!this.busy.has(page) || tries === 5) return;
      this.busy.delete(page);
      await page.reload();
    }
  }

  /** Where a stop is: for a detail page the first link to one, looked up once. */
  private address(guest: Guest, stop: Stop): Promise<string> {
    const path = stop.path ?? (stop.route.startsWith('/') ? stop.route : `/${stop.route}`);
    if (!stop.first) return Promise.resolve(path);
    const name = `${guest} ${stop.name}`;
    let address = this.found.get(name);
    if (!address) {
      const before = stops[guest].find((other) => other.name === stop.from);
      this.found.set(name, (address = (before ? this.address(guest, before) : Promise.resolve(path)).then((begin) => this.lookUp(guest, stop, begin))));
    }
    return address;
  }

  private async lookUp(guest: Guest, stop: Stop, path: string): Promise<string> {
    const { context, page } = await this.profile(looks[0]!, guest);
    await page.goto(path);
    await this.arrived(page);
    const shape = new RegExp(`^/${stop.route.replaceAll(/:\w+/g, '[^/]+')}$`);
    const fixed = new Set(Object.values(stops).flatMap((list) => list.map(({ route }) => `/${route}`)));
    const find = async () => {
      const links = await page.locator('#content a').evaluateAll((all) => all.map((a) => ({ pathname: (a as HTMLAnchorElement).pathname, whole: (a as HTMLAnchorElement).pathname + (a as HTMLAnchorElement).search })));
      return links.find(({ pathname }) => shape.test(pathname) && !fixed.has(pathname))?.whole;
    };
    let found = await find();
    // What the host does in the background, such as comparing a day, may still be under way.
    for (const end = Date.now() + 60_000; !found && Date.now() < end; found = await find()) {
      await page.reload();
      await this.arrived(page);
    }
    await context.close();
    if (!found) throw new Error(`${guest} finds nothing at ${path} that leads to ${stop.route}`);
    return found;
  }
}

/** Goes to another page as a link inside the console does, and waits until the one before is gone. */
async function follow(page: Page, address: string): Promise<void> {
  const before = await page.locator('#content h1').first().elementHandle();
  await page.evaluate((to) => {
    window.history.pushState(null, '', to);
    window.dispatchEvent(new PopStateEvent('popstate', { state: null }));
  }, address);
  await before?.waitForElementState('hidden');
}

/** What is wrong with a page for everybody: for those who cannot see it, whom it does not fit, who read a key instead of words. */
export async function defects(page: Page, look: Look): Promise<string[]> {
  const wrong = await axe(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) wrong.push(`the page is ${wide} px wider than the screen`);
  const cut = await page.evaluate(() => [...document.querySelectorAll('.zg-card')].filter((card) => card.scrollWidth > card.clientWidth + 1 && !['auto', 'scroll'].includes(getComputedStyle(card).overflowX)).map((card) => card.scrollWidth - card.clientWidth));
  if (cut.length > 0) wrong.push(`a card cuts off ${cut.join(', ')} px of what is in it`);
  if ((await page.locator('html').getAttribute('lang')) !== look.language) wrong.push('the page does not say its language');
  for (const key of unspoken(await spoken(page))) wrong.push(`no words: ${key}`);
  if (await page.locator('[data-testid="error"]').count()) wrong.push(`refused: ${await page.locator('[data-testid="error"]').first().innerText()}`);
  return wrong;
}

/** All that a page says, seen or read aloud. */
function spoken(page: Page): Promise<string> {
  return page.evaluate(() => {
    const attributes = [...document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')].flatMap((element) =>
      ['aria-label', 'title', 'placeholder', 'alt'].map((name) => element.getAttribute(name) ?? ''),
    );
    // Programs shown as examples have words of their own.
    const said = [...document.querySelectorAll('pre')].reduce((text, pre) => text.replace(pre.innerText, ''), document.body.innerText);
    return [document.title, said, ...attributes].join('\n');
  });
}

const key = new RegExp(`(?<![\\w./-])(?:${Object.keys(en).join('|')})(?:\\.[a-zA-Z]\\w*)+(?![\\w/])|\\{\\{\\w*|\\[object Object\\]|\\bundefined\\b|\\bNaN\\b`, 'g');

/** Keys of the words that stand where words should. */
export function unspoken(text: string): string[] {
  return [...new Set([...text.matchAll(key)].map(([found]) => found))];
}
