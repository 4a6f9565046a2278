import { Button, Modal } from 'antd';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useBulk } from '@/lib/bulk';
import { BulkSummary } from './BulkSummary';

interface Props<Row, Answer> {
  rows: Row[];
  ask: (row: Row) => Promise<Answer>;
  rowKey: (row: Row) => string;
  what: (row: Row) => ReactNode;
  outcome: (answer: Answer) => ReactNode;
  onClose: () => void;
}

/** Asks the providers about several rows, one after the other, and shows what each came to. */
export function AskDialog<Row, Answer>({ rows, ask, onClose, ...told }: Props<Row, Answer>) {
  const { t } = useTranslation();
  const [begun, setBegun] = useState(false);
  const bulk = useBulk(rows, ask);
  const begin = () => {
    setBegun(true);
    void bulk.run();
  };
  return (
    <Modal open title={t('lists.askTitle', { count: bulk.tasks.length })} footer={null} onCancel={() => !bulk.running && onClose()} mask={{ closable: false }}>
      {begun ? (
        <BulkSummary bulk={bulk} onClose={onClose} {...told} />
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
