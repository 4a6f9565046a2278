import { useTranslation } from 'react-i18next';
import { useAccountsOf, useMerchantNames, useStoresOf } from '@/lib/books';
import { useSession } from '@/lib/session';

/** What merchants, stores and accounts of lines are called, as far as the person may know. */
export function useLineNames(tenants: string[]) {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const seen = [...new Set(tenants)].toSorted();
  const stores = useStoresOf(seen);
  const accounts = useAccountsOf(seen);
  const merchant = useMerchantNames(!tenantId);
  return {
    merchant: (id: string) => merchant(id) ?? id.slice(-6),
    store: (id: string | undefined) => (id ? (stores.find((s) => s.id === id)?.name ?? t('settlement.storeOf', { id: id.slice(-6) })) : t('settlement.noStore')),
    account: (id: string | undefined) => accounts.find((a) => a.id === id)?.name ?? t('reconciliation.account', { id: id?.slice(-6) }),
  };
}
