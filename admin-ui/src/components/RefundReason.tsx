import { useTranslation } from 'react-i18next';
import type { Schemas } from '@/lib/api/client';
import { providerSaid } from '@/lib/providerSaid';

/** Why money did not go back: in the provider's own words, in ours where it said nothing. */
export function RefundReason({ value: r }: { value: Schemas['Refund'] }) {
  const { t } = useTranslation();
  if (r.state !== 'failed' || r.unknown) return null;
  const said = providerSaid(r);
  const why = said || (r.failure_code && t(`errors.${r.failure_code}`, { defaultValue: r.failure_code }));
  return why ? <span className="zg-tone-bad zg-small" data-testid="refund-reason">{why}</span> : null;
}
