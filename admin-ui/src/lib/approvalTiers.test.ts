import { describe, expect, it } from 'vitest';
import { neededApprovals } from './approvalTiers';

const tiers = [
  { kind: 'refund', role: 'tenant_finance', from: 1_000_000, needed: 1 },
  { kind: 'refund', role: 'tenant_developer', from: 0, needed: 2 },
  { kind: 'payout', from: 0, needed: 1 },
  { kind: 'payout', from: 5_000_000, needed: 2 },
  { kind: 'payout', role: 'tenant_owner', from: 6_000_000, needed: 1 },
] as const;

describe('how many people must agree', () => {
  it.each([
    ['refund', ['tenant_finance'], 999_999, 0],
    ['refund', ['tenant_finance'], 1_000_000, 1],
    ['refund', ['tenant_owner'], 9_000_000, 0],
    ['refund', ['tenant_finance', 'tenant_developer'], 2_000_000, 2],
    ['payout', ['tenant_finance'], 1, 1],
    ['payout', ['tenant_finance'], 5_000_000, 2],
    ['payout', ['tenant_owner'], 7_000_000, 2],
    ['resolution', ['tenant_owner'], 1, 0],
  ] as const)('%s by %j of %d fen: %d', (kind, roles, amount, needed) => {
    expect(neededApprovals(tiers, kind, roles, amount)).toBe(needed);
  });
});
