import type { Schemas } from './api/client';

type Tier = Pick<Schemas['ApprovalTier'], 'kind' | 'role' | 'from' | 'needed'>;

/**
 * How many people must agree to something of this kind and amount (fen), made by somebody with
 * these roles: of each role's tiers the highest that is not over the amount, of the roles the most careful.
 */
export function neededApprovals(tiers: readonly Tier[], kind: Tier['kind'], roles: readonly string[], amount: number): number {
  const highest = new Map<string, Tier>();
  for (const tier of tiers) {
    const role = tier.role ?? '';
    if (tier.kind !== kind || tier.from > amount || (role && !roles.includes(role))) continue;
    const known = highest.get(role);
    if (!known || tier.from > known.from) highest.set(role, tier);
  }
  return Math.max(0, ...[...highest.values()].map((tier) => tier.needed));
}
