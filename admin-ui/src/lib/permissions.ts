import { createContext, useContext } from 'react';

/** The actions the console offers, in the words of the access policy: object:action. */
export const permissions = [
  'payments:create', 'payments:read', 'payments:cancel', 'payments:sync',
  'refunds:create', 'refunds:read', 'refunds:sync',
  'payouts:create', 'payouts:read', 'payouts:sync', 'balances:read', 'balances:refresh', 'fees:read', 'limits:read',
  'cards:create', 'cards:read', 'cards:delete', 'members:read',
  'tenants:create', 'tenants:read', 'tenants:update', 'tenants:status',
  'stores:create', 'stores:read',
  'accounts:create', 'accounts:read', 'accounts:update', 'accounts:status', 'accounts:test', 'accounts:credentials', 'accounts:base_url',
  'users:create', 'users:read', 'users:update', 'users:first',
  'apikeys:create', 'apikeys:read', 'apikeys:revoke', 'requests:read',
  'webhooks:create', 'webhooks:read', 'webhooks:update', 'webhooks:delete', 'webhooks:secrets', 'webhooks:test', 'deliveries:read', 'deliveries:resend',
  'approvals:read', 'approvals:decide', 'approvals:withdraw', 'approvals:tiers',
  'cases:read', 'cases:assign', 'cases:resolve', 'cases:close',
  'reconciliation:read', 'reconciliation:run', 'reconciliation:resolve', 'reconciliation:correct',
  'bills:read', 'bills:import', 'bills:map', 'settlement:read', 'shifts:read', 'shifts:any', 'exports:create', 'exports:read', 'exports:cancel',
  'callbacks:read', 'callbacks:rerun', 'callbacks:reveal', 'alerts:read', 'alerts:take', 'alert_channels:read', 'alert_channels:manage', 'actors:read',
  'events:read', 'audit:read', 'audit:verify', 'plugins:read', 'plugins:inspect', 'plugins:verify', 'plugins:approve', 'plugins:switch', 'plugins:upload', 'search:read', 'simulator:use', 'summary:read',
  'limits:read', 'limits:update', 'freezes:create', 'freezes:read', 'freezes:lift', 'fees:read', 'fees:update', 'calendar:read', 'calendar:update', 'system:read', 'balances:mark',
] as const;

export type Permission = (typeof permissions)[number];

/** Answers what the signed-in user may do. What may not be done is not offered; the server refuses it anyway. */
export type May = (permission: Permission) => boolean;

export const MayContext = createContext<May>(() => false);

export function useMay(): May {
  return useContext(MayContext);
}

/** Turns the server's list into the question. */
export function mayFrom(granted: readonly { object: string; action: string }[]): May {
  const set = new Set(granted.map((p) => `${p.object}:${p.action}`));
  return (permission) => set.has(permission);
}
