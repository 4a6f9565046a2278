import type { Schemas } from '@/lib/api/client';
import { newKey } from '@/lib/idempotency';
import { type AmountProblem, fenToInput, parseYuan } from '@/lib/money';

/** A tier as it stands in the form. */
export interface Draft {
  key: string;
  kind: Schemas['ApprovalKind'];
  /** Of the maker; empty: whoever makes it. */
  role: Schemas['Role'] | '';
  /** Yuan, as typed. */
  from: string;
  needed: number;
}

/** The roles that make what may need a second person. */
export const makers: Schemas['Role'][] = ['tenant_owner', 'tenant_finance', 'tenant_developer', 'platform_admin', 'platform_finance'];

export function draftOf(tier: Pick<Schemas['ApprovalTier'], 'kind' | 'role' | 'from' | 'needed'>): Draft {
  return { key: newKey(), kind: tier.kind, role: (tier.role ?? '') as Draft['role'], from: fenToInput(tier.from), needed: tier.needed };
}

/** The fen from which a tier counts; unlike an amount it may be zero. */
function fenOf(text: string): { fen?: number; problem?: AmountProblem } {
  const parsed = parseYuan(text);
  return parsed.problem === 'zero' ? { fen: 0 } : parsed;
}

export function problemOf(draft: Draft): AmountProblem | undefined {
  return fenOf(draft.from).problem;
}

export function requestOf(draft: Draft): Schemas['ApprovalTierRequest'] {
  return { kind: draft.kind, ...(draft.role ? { role: draft.role } : {}), from: fenOf(draft.from).fen ?? 0, needed: draft.needed };
}
