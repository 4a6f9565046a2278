import type { Locator } from 'playwright-core';
import type { Person } from './person.ts';

/** Waits for something that may first want to know who sits here, and tells it. */
export async function confirmed(person: Person, password: string, done: Locator): Promise<void> {
  const form = person.page.getByTestId('step-up-form');
  await form.or(done).first().waitFor();
  if (await form.isVisible()) {
    await form.locator('input').fill(password);
    await form.locator('button[type=submit]').click();
  }
  await done.first().waitFor();
}
