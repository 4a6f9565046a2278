import { useAccounts, useProviders } from './queries';
import { useSession } from './session';

/** What only some merchants have: the menu shows it where a live account's plugin offers it. */
export type Offered = 'cards' | 'members' | 'simulator';

/** Which of these this merchant has. */
export function useOffered(): Set<Offered> {
  const { me, tenantId } = useSession();
  const accounts = useAccounts(tenantId).data ?? [];
  const live = new Set(accounts.filter((a) => a.status === 'live').map((a) => a.provider));
  const manifests = (useProviders().data ?? []).flatMap((p) => (live.has(p.id) && p.manifest ? [p.manifest] : []));
  const offered = new Set<Offered>();
  if (me.simulator) offered.add('simulator');
  if (manifests.some((m) => m.products.some((p) => p.capabilities.includes('bind_card')))) offered.add('cards');
  // Who tells at once whose code it is knows its payers: they are members there.
  if (manifests.some((m) => m.grants.some((g) => g.capability === 'resolve_payer' && g.sends > 0))) offered.add('members');
  return offered;
}
