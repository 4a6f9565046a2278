// Measures what a browser must load before the sign-in page and the order list can be used,
// compressed, and fails when it is more than we allow ourselves.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const budgets = [
  { page: 'sign-in', limit: 250, entries: ['index.html', 'src/i18n/zh-CN/first.ts', 'src/features/signin/LoginPage.tsx'] },
  { page: 'order list', limit: 450, entries: ['index.html', 'src/i18n/zh-CN/first.ts', 'src/i18n/zh-CN/pages.ts', 'src/app/SessionGate.tsx', 'src/features/orders/OrdersPage.tsx'] },
];

function files(entry, seen = new Set()) {
  const chunk = manifest[entry];
  if (!chunk) throw new Error(`${entry} is not in the build's manifest.`);
  if (seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const next of chunk.imports ?? []) files(next, seen);
  return seen;
}

let over = false;
for (const { page, limit, entries } of budgets) {
  const all = new Set();
  for (const entry of entries) files(entry, all);
  const bytes = [...all].reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, dist))).length, 0);
  const kilobytes = Math.ceil(bytes / 1000);
  console.log(`${page}: ${kilobytes} kB of JavaScript, compressed, in ${all.size} files (limit ${limit} kB)`);
  over ||= kilobytes > limit;
}
if (over) {
  console.error('A page loads too much: load what it does not need at once with import().');
  process.exit(1);
}
