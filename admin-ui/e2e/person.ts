import assert from 'node:assert/strict';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { axe, type Language, open, settled } from './browser.ts';
import { type Words, words } from './words.ts';

/** A reply of the API as the page got it. */
export interface Reply {
  url: string;
  method: string;
  status: number;
  headers: string;
  text: string;
}

// A page that leaves takes the bodies of its last replies with it, so they are handed over before the page sees them.
// As text: a function would bring the test compiler's helpers along, which the page does not have.
const witness = `{
  const real = window.fetch;
  window.fetch = async (...args) => {
    const reply = await real(...args);
    const copy = reply.clone();
    const method = args[0] instanceof Request ? args[0].method : (args[1]?.method ?? 'GET');
    await window.witnessReply({ url: reply.url, method, status: reply.status, headers: JSON.stringify([...copy.headers]), text: await copy.text() });
    return reply;
  };
}`;

/** Somebody with a browser of their own. Everything the API tells them is kept. */
export class Person {
  readonly replies: Reply[] = [];
  readonly t: Words;
  /** Replies of the API that the browser itself counted. */
  counted = 0;

  private constructor(
    readonly name: string,
    readonly language: Language,
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly complaints: string[],
  ) {
    this.t = words(language);
  }

  static async arrive(browser: Browser, url: string, name: string, language: Language): Promise<Person> {
    const { context, page, complaints } = await open(browser, url, { language });
    const person = new Person(name, language, context, page, complaints);
    context.setDefaultTimeout(30_000);
    await context.exposeBinding('witnessReply', (_, reply: Reply) => void person.replies.push(reply));
    await context.addInitScript(witness);
    context.on('response', (response) => {
      if (new URL(response.url()).pathname.startsWith('/v1/')) person.counted++;
    });
    return person;
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
