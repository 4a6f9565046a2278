import { mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Cookie, type Page } from 'playwright-core';

/** Desktop and phone, as the console promises to work on both. */
export const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;
export type Size = keyof typeof sizes;
export type Language = 'zh-CN' | 'en';
export type Theme = 'light' | 'dark';

export const screenshotsDir = process.env.ZHANGGUI_SCREENSHOTS ?? fileURLToPath(new URL('./screenshots', import.meta.url));

function executable(): string {
  const found = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => path && existsSync(path));
  if (!found) throw new Error('No Chromium found. Install it (apt-get install chromium), or name it in CHROMIUM.');
  return found;
}

/** Starts the installed Chromium without a window; it also works as root and in a container. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: executable(), args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--force-color-profile=srgb'] });
}

export interface Opened {
  context: BrowserContext;
  page: Page;
  /** What the browser complained of: console errors and failed scripts. */
  complaints: string[];
}

export interface Choice {
  size?: Size;
  language?: Language;
  theme?: Theme;
  proxy?: string;
  /** Cookies of somebody who has signed in. */
  cookies?: Cookie[];
}

/** A fresh browser profile with the console's language and appearance chosen. */
export async function open(browser: Browser, url: string, choice: Choice = {}): Promise<Opened> {
  const { size = 'desktop', language = 'zh-CN', theme = 'light', proxy, cookies } = choice;
  const context = await browser.newContext({ viewport: sizes[size], baseURL: url, locale: language, timezoneId: 'America/New_York', reducedMotion: 'reduce', ...(proxy && { proxy: { server: proxy } }) });
  if (cookies) await context.addCookies(cookies);
  // Pages without storage of their own (about:blank) run this too.
  await context.addInitScript(`try { if (!localStorage.getItem('zhanggui.preferences')) localStorage.setItem('zhanggui.preferences', ${JSON.stringify(JSON.stringify({ language, theme }))}) } catch {}`);
  const complaints: string[] = [];
  context.on('page', (page) => {
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('console', (message) => {
      // The browser logs every refused request by itself; refusals are part of what is tested.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
    });
  });
  const page = await context.newPage();
  return { context, page, complaints };
}

/** Waits until nothing on the page says that it is still loading. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelectorAll('[aria-busy="true"], .ant-skeleton-active').length === 0, undefined, { timeout: 300_000 });
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

/** What axe finds wrong, one line each; empty when the page is accessible. Legacy: there are no frames, and no second page is opened. */
export async function axe(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} – ${n.failureSummary?.split('\n')[1]?.trim() ?? v.help}`));
}

export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(screenshotsDir, { recursive: true });
  await page.screenshot({ path: `${screenshotsDir}/${name}.png`, fullPage: true });
}

/** Signs in by e-mail and password. */
export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto('/login');
  await page.locator('#email').fill(email);
  await page.locator('#password').fill(password);
  await page.getByTestId('login-form').locator('button[type=submit]').click();
  await page.locator('#content').waitFor();
}
