import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/lib/session';
import { EmptyState } from './EmptyState';

/** What makes sense in one merchant only; on the platform it says how to choose one. */
export function TenantOnly({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  if (tenantId) return children;
  return (
    <div className="zg-card">
      <EmptyState title={t('top.pickMerchant')} hint={t('top.pickMerchantHint')} />
    </div>
  );
}
