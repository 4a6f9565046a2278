import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { TenantOnly } from '@/components/TenantOnly';
import { useTenant } from '@/lib/queries';
import { useSession } from '@/lib/session';

interface Ruled {
  tenantId: string | undefined;
  title: (page: string) => string;
  /** Back to the merchant's page, for a page about one that was not chosen. */
  back?: { to: string; label: string };
}

/** The merchant a page of rules is about: the one in its address, for the platform, or the one that is chosen. */
export function useRuled(): Ruled {
  const { t } = useTranslation();
  const { id } = useParams();
  const { tenantId } = useSession();
  const name = useTenant(id).data?.name;
  if (!id) return { tenantId, title: (page) => page };
  return { tenantId: id, title: (page) => (name ? t('rules.titleOf', { page, name }) : page), back: { to: `/merchants/${id}`, label: t('nav.merchant') } };
}

/** Its rules, or how to choose a merchant. */
export function RuledMerchant({ children }: { children: ReactNode }) {
  const { id } = useParams();
  return id ? children : <TenantOnly>{children}</TenantOnly>;
}
