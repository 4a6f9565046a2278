import assert from 'node:assert/strict';
import { descendants, needlesInMemory } from './memory.ts';
import { forms, leaks } from './secrets.ts';
import type { Stand } from './stand.ts';
import type { Story } from './story.ts';

interface Traces {
  /** Keys and passwords typed into the console, by a name for the report. */
  entered: Record<string, string>;
  /** The payers' codes that were scanned. */
  codes: string[];
  /** What must be found, or the search finds nothing at all. */
  known: string;
  heldBySimulator: string;
}

/** Vault has one version for every time that keys were entered, and the older can still be read. */
export async function versionsInVault(stand: Stand, versions: string[][]): Promise<void> {
  const [tenant] = (await stand.vault('metadata/tenants/')).keys as string[];
  const accounts = `tenants/${tenant!}accounts/`;
  const [account] = (await stand.vault(`metadata/${accounts}`)).keys as string[];
  const metadata = await stand.vault(`metadata/${accounts}${account}`);
  assert.deepEqual(Object.keys(metadata.versions as object), versions.map((_, i) => String(i + 1)));
  const all = [...new Set(versions.flat())];
  for (const [i, secrets] of versions.entries()) {
    const text = JSON.stringify(await stand.vault(`data/${accounts}${account}?version=${i + 1}`));
    const found = leaks(text, Object.fromEntries(all.map((secret) => [secret, secret])));
    assert.deepEqual(found.toSorted(), secrets.toSorted(), `version ${i + 1} in Vault`);
  }
}

/** The search for what was typed, in every place where it must not be; each place is also shown to be searched at all. */
export async function nothingLeaked({ stand, people }: Story, { entered, codes, known, heldBySimulator }: Traces): Promise<void> {
  const scanned = { ...entered, ...Object.fromEntries(codes.map((code, i) => [`payer code ${i + 1}`, code])) };
  const dump = await stand.dump();
  assert.deepEqual(leaks(dump, { known }), ['known'], 'the search of the database works');
  assert.deepEqual(leaks(dump, scanned), [], 'in the database');

  const log = await stand.log();
  assert.match(log, /\/v1\/payments/, 'the log tells of requests');
  assert.deepEqual(leaks(log, scanned), [], 'in the log');

  for (const person of people) {
    const told = person.replies.map((r) => `${r.url}\n${r.headers}\n${r.text}`).join('\n');
    assert.ok(person.replies.length >= person.counted && person.counted > 0, `${person.name}: ${person.counted} replies, ${person.replies.length} of them kept`);
    assert.deepEqual(leaks(told, { known }), ['known'], `the search of what the API told ${person.name} works`);
    assert.deepEqual(leaks(told, scanned), [], `in what the API told ${person.name}`);
    const storage = await person.page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])');
    assert.deepEqual(leaks(storage as string, scanned), [], `in the storage of ${person.name}'s browser`);
  }
  memoryOf(stand, entered, heldBySimulator);
}

/** The plugin works for the account without ever holding its keys. */
function memoryOf(stand: Stand, entered: Record<string, string>, heldBySimulator: string): void {
  const { provider, pid } = stand.simulator;
  assert.equal(needlesInMemory(pid, [Buffer.from(heldBySimulator)]).found.size, 1, 'the simulator, which holds the key, is seen to hold it');
  const plugins = descendants(stand.said.pid);
  assert.ok(plugins.length > 0, 'the plugin runs');
  const names = Object.keys(entered);
  const needles = names.flatMap((name) => forms(entered[name]!).map((form) => ({ name, form })));
  let working = 0;
  for (const plugin of plugins) {
    const { found, bytes } = needlesInMemory(plugin.pid, [Buffer.from(`/upay/v2/precreate`), ...needles.map((n) => n.form)]);
    assert.ok(bytes > 1 << 20, `${bytes} bytes of ${plugin.name} were read`);
    if (found.delete(0)) working++;
    assert.deepEqual([...found].map((i) => needles[i - 1]!.name), [], `in the memory of ${plugin.name}`);
  }
  assert.ok(working > 0, `one of ${plugins.map((p) => p.name).join(', ')} is the plugin of ${provider}`);
}
