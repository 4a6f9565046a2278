import { readFileSync } from 'node:fs';
import type { Guest } from './dev.ts';

/** Every page of the console and how to come to it with something on it. The pictures and the pages' test both walk this list. */
export interface Stop {
  name: string;
  /** As the router has it. */
  route: string;
  /** Where to begin; the route itself when left out. */
  path?: string;
  /** Or the stop of that name, of the same guest. */
  from?: string;
  /** Goes on from there by the first link to the route: a detail page. */
  first?: true;
  /** Opens a dialog by the button with this word. */
  open?: string;
  /** Also in the dark and on a phone. */
  sample?: true;
  /** The guides' picture of this name, in either language. */
  guide?: string;
}

const platform: Stop[] = [
  { name: 'home', route: '/', sample: true, guide: 'home' },
  { name: 'orders', route: 'orders', guide: 'orders' },
  { name: 'refunds', route: 'refunds' },
  { name: 'approvals', route: 'approvals', guide: 'approvals' },
  { name: 'approval', route: 'approvals/:id', path: '/approvals', first: true },
  { name: 'cases', route: 'cases', sample: true, guide: 'cases' },
  { name: 'case', route: 'cases/:id', path: '/cases', first: true, sample: true, guide: 'case' },
  { name: 'alerts', route: 'alerts', path: '/alerts?all=true', guide: 'alerts' },
  { name: 'channels', route: 'alerts/channels' },
  { name: 'callbacks', route: 'callbacks' },
  { name: 'callback', route: 'callbacks/:id', path: '/callbacks', first: true },
  { name: 'reconciliation', route: 'reconciliation' },
  { name: 'settlement', route: 'settlement' },
  { name: 'exports', route: 'exports' },
  { name: 'merchants', route: 'merchants', sample: true },
  { name: 'merchant', route: 'merchants/:id', path: '/merchants?status=live', first: true, sample: true, guide: 'merchant' },
  { name: 'merchant-limits', route: 'merchants/:id/limits', from: 'merchant', first: true },
  { name: 'merchant-fees', route: 'merchants/:id/fees', from: 'merchant', first: true },
  { name: 'onboard', route: 'merchants/new', sample: true },
  { name: 'onboarding', route: 'merchants/:id/onboarding', path: '/merchants?status=onboarding', first: true, guide: 'onboarding' },
  { name: 'balances', route: 'balances', sample: true },
  { name: 'balance', route: 'balances/:id', path: '/balances', first: true },
  { name: 'provider-health', route: 'providers/health', sample: true, guide: 'provider-health' },
  { name: 'system', route: 'system', sample: true, guide: 'system' },
  { name: 'providers', route: 'providers' },
  { name: 'provider', route: 'providers/:id', path: '/providers', first: true },
  { name: 'plugins', route: 'plugins', sample: true, guide: 'plugins' },
  { name: 'plugin', route: 'plugins/:id', path: '/plugins', first: true, sample: true },
  { name: 'plugin-version', route: 'plugins/:id/:sha256', path: '/plugins/bestpay', first: true, guide: 'plugin-version' },
  { name: 'team', route: 'team' },
  { name: 'audit', route: 'audit', sample: true, guide: 'audit' },
  { name: 'profile', route: 'profile' },
  { name: 'nowhere', route: '*', path: '/there-is-no-such-page' },
];

const owner: Stop[] = [
  { name: 'home', route: '/', sample: true },
  { name: 'take-payment', route: 'take-payment', sample: true, guide: 'take-payment' },
  { name: 'orders', route: 'orders', sample: true },
  { name: 'orders-none', route: 'orders', path: '/orders?min=98765.43', sample: true },
  { name: 'order', route: 'orders/:id', path: '/orders?state=succeeded', first: true, sample: true, guide: 'order' },
  { name: 'refund-dialog', route: 'orders/:id', path: '/orders?state=succeeded', first: true, open: 'orders.refund', sample: true, guide: 'refund-dialog' },
  { name: 'order-unknown', route: 'orders/:id', path: '/orders?unknown=true', first: true, sample: true },
  { name: 'refunds', route: 'refunds' },
  { name: 'refund', route: 'refunds/:id', path: '/refunds', first: true, sample: true },
  { name: 'approvals-none', route: 'approvals' },
  { name: 'tiers', route: 'approvals/tiers' },
  { name: 'alerts', route: 'alerts', path: '/alerts?all=true' },
  { name: 'shift', route: 'shift', sample: true, guide: 'shift' },
  { name: 'reconciliation', route: 'reconciliation', sample: true, guide: 'reconciliation' },
  { name: 'reconciliation-day', route: 'reconciliation/:id', path: '/reconciliation', first: true, sample: true },
  { name: 'differences', route: 'differences', sample: true },
  { name: 'difference', route: 'differences/:id', path: '/differences', first: true, sample: true, guide: 'difference' },
  { name: 'bill-imports', route: 'bill-imports' },
  { name: 'bill-import', route: 'bill-imports/:id', path: '/bill-imports', first: true },
  { name: 'bill', route: 'bills/:id', from: 'reconciliation-day', first: true },
  { name: 'bill-import-new', route: 'bill-imports/new' },
  { name: 'bill-mappings', route: 'bill-imports/mappings' },
  { name: 'stores', route: 'stores' },
  { name: 'team', route: 'team', guide: 'team' },
  { name: 'audit', route: 'audit' },
  { name: 'profile', route: 'profile' },
];

/** The owner of the shop that has an account at every provider. */
const tourist: Stop[] = [
  { name: 'home', route: '/' },
  { name: 'orders', route: 'orders' },
  { name: 'approvals', route: 'approvals', sample: true, guide: 'tenant-approvals' },
  { name: 'settlement', route: 'settlement', guide: 'settlement' },
  { name: 'entries', route: 'settlement/entries' },
  { name: 'balances', route: 'balances' },
  { name: 'balance', route: 'balances/:id', path: '/balances', first: true, sample: true, guide: 'balance' },
  { name: 'api-keys', route: 'api-keys', guide: 'api-keys' },
  { name: 'webhooks', route: 'webhooks', guide: 'webhook' },
  { name: 'webhook', route: 'webhooks/:id', path: '/webhooks', first: true, sample: true },
  { name: 'webhook-deliveries', route: 'webhook-deliveries', guide: 'deliveries' },
  { name: 'webhook-delivery', route: 'webhook-deliveries/:id', path: '/webhook-deliveries?state=failed', first: true, sample: true },
  { name: 'request-log', route: 'request-log', guide: 'request-log' },
  { name: 'request', route: 'request-log/:id', path: '/request-log?result=refused', first: true },
  { name: 'payouts', route: 'payouts', sample: true, guide: 'payouts' },
  { name: 'payout', route: 'payouts/:id', path: '/payouts', first: true, sample: true },
  { name: 'payout-batches', route: 'payouts/batches' },
  { name: 'payout-batch', route: 'payouts/batches/:id', path: '/payouts/batches', first: true },
];

const listed: Record<Guest, Stop[]> = { operator: platform, owner, tourist };

const routes = [...readFileSync(new URL('../src/app/router.tsx', import.meta.url), 'utf8').matchAll(/path: '([^']+)'/g)].map((m) => m[1]!);
const known = new Set(['/login', '/link', ...Object.values(listed).flatMap((list) => list.map((stop) => stop.route))]);

/** Pages that need nothing but their address are visited without being listed. */
const simple = routes.filter((route) => !route.includes(':') && !known.has(route)).map((route) => ({ name: route.replaceAll('/', '-'), route }));
const there = (list: Stop[]) => list.filter((stop) => routes.includes(stop.route));

export const stops: Record<Guest, Stop[]> = { operator: [...there(platform), ...simple], owner: there(owner), tourist: [...there(tourist), ...simple] };

/** The routes to details that no stop leads to: pages that nobody would look at. */
export function unvisited(): string[] {
  return routes.filter((route) => route.includes(':') && !known.has(route));
}
