import { Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Amount } from '@/components/Amount';
import { BulkSummary } from '@/components/BulkSummary';
import { PaymentStatus } from '@/components/states';
import { useBulk } from '@/lib/bulk';
import type { Payment } from '@/lib/queries';
import { useSyncPayments } from './api';

export interface AskDialogProps {
  payments: Payment[];
  onClose: () => void;
}

/** Asks the providers about several orders, one after the other, and shows what each came to. */
export default function AskDialog({ payments, onClose }: AskDialogProps) {
  const { t } = useTranslation();
  const sync = useSyncPayments();
  const [begun, setBegun] = useState(false);
  const bulk = useBulk(payments, (payment) => sync.mutateAsync(payment));
  const begin = () => {
    setBegun(true);
    void bulk.run();
  };
  return (
    <Modal open title={t('lists.askTitle', { count: bulk.tasks.length })} footer={null} onCancel={() => !bulk.running && onClose()} mask={{ closable: false }}>
      {begun ? (
        <BulkSummary
          bulk={bulk}
          rowKey={(p) => p.id}
          what={(p) => <><span className="zg-mono">{p.order_no}</span> <Amount fen={p.amount} /></>}
          outcome={(p) => <PaymentStatus value={p} />}
          onClose={onClose}
        />
      ) : (
        <div className="zg-stack-tight">
          <p>{t('lists.askLead')}</p>
          <div className="zg-actions zg-actions-end">
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="primary" onClick={begin}>{t('lists.ask')}</Button>
          </div>
        </div>
      )}
    </Modal>
  );
}
