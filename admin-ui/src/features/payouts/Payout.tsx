import { useTranslation } from 'react-i18next';
import { PayoutStatus } from '@/components/states';
import { useProviders } from '@/lib/queries';
import { inLanguage } from '@/lib/schema';
import type { Payout } from './api';

/** Who is paid, as far as it may be shown. */
export function Payee({ value: p }: { value: Payout }) {
  return (
    <div className="zg-cell">
      <div>{p.payee_name} <span className="zg-mono">{p.payee_number}</span></div>
      {p.bank_name && <div className="zg-muted zg-small">{p.bank_name}</div>}
    </div>
  );
}

/** Where it stands, and why nothing was sent yet although it was agreed to. */
export function PayoutState({ value: p }: { value: Payout }) {
  const { t } = useTranslation();
  return (
    <div className="zg-cell">
      <PayoutStatus value={p} />
      {p.wait_reason && <div className="zg-muted zg-small">{t(`payouts.waits.${p.wait_reason}`, { defaultValue: t('payouts.waits.other') })}</div>}
    </div>
  );
}

/** The name of a source or of a kind of payee, by the provider's manifest. */
export function useSpecNames(): (list: 'sources' | 'payee_types', provider: string, id: string) => string {
  const { i18n } = useTranslation();
  const providers = useProviders().data ?? [];
  return (list, provider, id) => {
    const spec = providers.find((p) => p.id === provider)?.manifest?.products.find((x) => x.payout)?.payout;
    return inLanguage(spec?.[list].find((c) => c.id === id)?.name, i18n.language) || id;
  };
}
