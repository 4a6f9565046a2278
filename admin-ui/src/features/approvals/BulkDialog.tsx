import { Button, Form, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Amount } from '@/components/Amount';
import { BulkSummary } from '@/components/BulkSummary';
import { StatusTag } from '@/components/StatusTag';
import { useBulk } from '@/lib/bulk';
import { formatFen } from '@/lib/money';
import { type Approval, useDecide } from './api';
import { NoteField } from './DecideDialog';

export interface BulkDialogProps {
  approvals: Approval[];
  agree: boolean;
  onClose: () => void;
}

/** Answers several requests one after the other, and ends in a summary of what became of each. */
export default function BulkDialog({ approvals, agree, onClose }: BulkDialogProps) {
  const { t } = useTranslation();
  const decide = useDecide();
  const [note, setNote] = useState('');
  const [checked, setChecked] = useState(false);
  const [begun, setBegun] = useState(false);
  const bulk = useBulk(approvals, (approval) => decide.mutateAsync({ approval, agree, note: note.trim() }));
  const missing = !agree && note.trim() === '';

  const begin = () => {
    setChecked(true);
    if (missing) return;
    setBegun(true);
    void bulk.run();
  };
  const count = bulk.tasks.length;
  const sum = bulk.tasks.reduce((total, { row }) => total + BigInt(row.amount), 0n);
  return (
    <Modal open title={t(agree ? 'approvals.bulkAgree' : 'approvals.bulkReject', { count })} footer={null} onCancel={() => !bulk.running && onClose()} mask={{ closable: false }}>
      {begun ? (
        <BulkSummary bulk={bulk} rowKey={(a) => a.id} what={(a) => <>{t(`approvals.kinds.${a.kind}`)} <Amount fen={a.amount} /></>} outcome={(a) => <Outcome approval={a} />} onClose={onClose} />
      ) : (
        <Form layout="vertical" requiredMark={false} onFinish={begin} data-testid="bulk-form">
          <div className="zg-once zg-spread zg-modal-lead">
            <span>{t('approvals.bulkSum', { count })}</span>
            <span className="zg-amount zg-amount-large">{formatFen(sum)}</span>
          </div>
          <NoteField value={note} onChange={setNote} agree={agree} missing={checked && missing} />
          <div className="zg-actions zg-actions-end">
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="primary" danger={!agree} htmlType="submit">{t(agree ? 'approvals.agree' : 'approvals.reject')}</Button>
          </div>
        </Form>
      )}
    </Modal>
  );
}

function Outcome({ approval: { state } }: { approval: Approval }) {
  const { t } = useTranslation();
  return <StatusTag tone={state === 'pending' ? 'waiting' : state === 'approved' ? 'good' : 'over'}>{t(state === 'pending' ? 'approvals.bulkWaits' : `states.approval.${state}`)}</StatusTag>;
}
