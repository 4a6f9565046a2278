import { useTranslation } from 'react-i18next';
import { PageHead } from '@/components/PageHead';
import { TenantOnly } from '@/components/TenantOnly';
import { ChoosePayer } from './ChoosePayer';
import { PayoutForm } from './PayoutForm';

/** Asks for one payout: from which account, to whom, how much. */
export default function NewPayoutPage() {
  const { t } = useTranslation();
  return (
    <div className="zg-page">
      <PageHead title={t('payouts.new')} lead={t('payouts.newLead')} back={{ to: '/payouts', label: t('nav.payouts') }} />
      <TenantOnly>
        <ChoosePayer>{(payer) => <PayoutForm key={payer.account.id} payer={payer} />}</ChoosePayer>
      </TenantOnly>
    </div>
  );
}
