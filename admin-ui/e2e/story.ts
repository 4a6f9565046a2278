import { copyFile, mkdir } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { type Language, launch } from './browser.ts';
import { Person } from './person.ts';
import { Stand } from './stand.ts';

const results = fileURLToPath(new URL('./test-results', import.meta.url));

/** A test of several chapters on one stand. After a chapter that failed there are pictures, and no further chapters. */
export class Story {
  readonly people: Person[] = [];
  private chapters = 0;

  private constructor(
    private readonly context: TestContext,
    readonly language: Language,
    readonly stand: Stand,
    private readonly browser: Browser,
  ) {}

  static async begin(context: TestContext, language: Language, program: string, without?: string): Promise<Story> {
    const [stand, browser] = await Promise.all([Stand.start(program, without), launch()]);
    const story = new Story(context, language, stand, browser);
    context.after(async () => {
      await browser.close();
      await Promise.all(story.people.map((person) => person.leave()));
      await stand.stop();
    });
    return story;
  }

  /** Somebody new, with a browser profile of their own. */
  async person(name: string): Promise<Person> {
    const person = await Person.arrive(this.browser, this.stand.said.url, name, this.language);
    this.people.push(person);
    return person;
  }

  async chapter(title: string, tell: () => Promise<void>): Promise<void> {
    let failed = false;
    this.chapters++;
    await this.context.test(title, async () => {
      try {
        await tell();
        for (const person of this.people) person.quiet(`the end of “${title}”, ${person.name}`);
      } catch (error) {
        failed = true;
        const kept = await this.keep();
        throw new Error(`${error instanceof Error ? error.message : String(error)}\n  see ${kept}`, { cause: error });
      }
    });
    if (failed) throw new Error(`The story ends here: ${title}`);
  }

  /** Pictures of everybody's pages, and the log of the host. */
  private async keep(): Promise<string> {
    await mkdir(results, { recursive: true });
    const prefix = `${results}/${this.language}-${this.chapters}`;
    for (const person of this.people) {
      for (const [i, page] of person.context.pages().entries()) {
        await page.screenshot({ path: `${prefix}-${person.name}-${i + 1}.png`, fullPage: true }).catch(() => undefined);
      }
    }
    await copyFile(this.stand.said.log, `${prefix}-serve.log`).catch(() => undefined);
    return `${prefix}-*`;
  }
}
