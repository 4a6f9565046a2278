import { useTranslation } from 'react-i18next';
import { PageHead } from '@/components/PageHead';
import { Freezes } from './Freezes';
import { Limits } from './Limits';
import { RuledMerchant, useRuled } from './Merchant';

/** What a merchant may take and pay out, and how that is stopped. */
export default function LimitsPage() {
  const { t } = useTranslation();
  const ruled = useRuled();
  return (
    <div className="zg-page">
      <PageHead title={ruled.title(t('nav.limits'))} lead={t('rules.limitsLead')} back={ruled.back} />
      <RuledMerchant>
        <Freezes tenantId={ruled.tenantId} />
        <Limits tenantId={ruled.tenantId} />
      </RuledMerchant>
    </div>
  );
}
