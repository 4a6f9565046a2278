import { Button, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { formatFen } from '@/lib/money';

/**
 * Asks whether an amount is to be taken once more while an order of it is in doubt. A scanner ends
 * every code with Enter, some with two, and the press that opens this reaches what it focuses: the
 * text has the focus, so that no press answers before a person has chosen.
 */
export function SameAmount({ open, amount, onGoOn, onCancel }: { open: boolean; amount: number; onGoOn: () => void; onCancel: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal open={open} title={t('till.sameAmount', { amount: formatFen(amount) })} footer={null} closable={false} onCancel={onCancel} mask={{ closable: false }} destroyOnHidden width={440}>
      <p tabIndex={0} className="zg-modal-lead" data-testid="same-amount">{t('till.sameAmountHint')}</p>
      <div className="zg-actions zg-actions-end">
        <Button onClick={onCancel}>{t('common.cancel')}</Button>
        <Button type="primary" onClick={onGoOn} data-testid="other-customer">{t('till.otherCustomer')}</Button>
      </div>
    </Modal>
  );
}
