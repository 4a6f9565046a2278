import assert from 'node:assert/strict';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { axe, type Language, open, settled } from './browser.ts';
import { type Reply, Wire } from './wire.ts';
import { type Words, words } from './words.ts';

/** Somebody with a browser of their own. Everything the API tells them is kept. */
export class Person {
  readonly t: Words;
  /** Replies of the API that the browser itself counted. */
  counted = 0;

  private constructor(
    readonly name: string,
    readonly language: Language,
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly wire: Wire,
    private readonly complaints: string[],
  ) {
    this.t = words(language);
  }

  static async arrive(browser: Browser, url: string, name: string, language: Language): Promise<Person> {
    const wire = await Wire.open();
    const { context, page, complaints } = await open(browser, url, { language, proxy: wire.address });
    const person = new Person(name, language, context, page, wire, complaints);
    context.setDefaultTimeout(30_000);
    context.on('response', (response) => {
      if (new URL(response.url()).pathname.startsWith('/v1/')) person.counted++;
    });
    return person;
  }

  leave(): Promise<void> {
    return this.wire.close();
  }

  get replies(): readonly Reply[] {
    return this.wire.replies;
  }

  /** The next answer to such a request does not arrive. */
  lose(method: string, path: RegExp): void {
    this.wire.lose(method, path);
  }

  button(key: string) {
    return this.page.getByRole('button', { name: this.t(key), exact: true });
  }

  /** The newest reply to a request; path may hold a pattern. */
  reply<Body>(method: string, path: RegExp): Body {
    const found = this.replies.findLast((r) => r.method === method && path.test(new URL(r.url).pathname));
    assert.ok(found, `${this.name} got no reply to ${method} ${path}`);
    return JSON.parse(found.text) as Body;
  }

  count(method: string, path: RegExp): number {
    return this.replies.filter((r) => r.method === method && path.test(new URL(r.url).pathname)).length;
  }

  /** The page as it stands is accessible, in the right language, fits the screen, and the browser complained of nothing. */
  async inspect(page: Page = this.page): Promise<void> {
    await settled(page);
    const at = `${new URL(page.url()).pathname} of ${this.name}`;
    assert.equal(await page.locator('html').getAttribute('lang'), this.language, at);
    assert.deepEqual(await axe(page), [], `axe at ${at}`);
    this.quiet(at);
  }

  quiet(at: string): void {
    assert.deepEqual(this.complaints, [], `console at ${at}`);
  }
}
