import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const docs = join(import.meta.dirname, '../../docs');
const rows = [...readFileSync(join(docs, 'console-checklist.md'), 'utf8').matchAll(/^\| (\d+) \| (.+) \| (.+) \|$/gm)];

it('promises forty things in order', () => {
  expect(rows.map(([, number]) => Number(number))).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
});

/** Nothing shows it yet, and the list says so. */
const kept = rows.filter(([, , , shown]) => shown !== '*missing*');

it.each(kept.map(([, number, , shown]) => [number!, shown!]))('promise %s is shown by tests that exist', (_, shown) => {
  const references = [...shown.matchAll(/\]\(([^)]+)\) “([^”]+)”/g)];
  expect(references.length).toBeGreaterThan(0);
  for (const [, file, name] of references) {
    const path = join(docs, file!);
    expect(existsSync(path), file).toBe(true);
    // As the test's own file writes it: an apostrophe may be escaped there.
    expect(readFileSync(path, 'utf8').replaceAll("\\'", "'").includes(name!), `${file} has no “${name}”`).toBe(true);
  }
});
