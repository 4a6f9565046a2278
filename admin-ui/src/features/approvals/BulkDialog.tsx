import { Button, Form, Modal, Progress } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Amount } from '@/components/Amount';
import { errorSentence } from '@/components/ErrorSentence';
import { StatusTag } from '@/components/StatusTag';
import { asApiError, type ApiError } from '@/lib/api/error';
import { formatFen } from '@/lib/money';
import { type Approval, useDecide } from './api';
import { NoteField } from './DecideDialog';

interface Result {
  approval: Approval;
  error?: ApiError;
}

/** Answers several requests one after the other, and ends in a summary of what became of each. */
export function BulkDialog({ approvals, agree, onClose }: { approvals: Approval[]; agree: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const decide = useDecide();
  const [note, setNote] = useState('');
  const [checked, setChecked] = useState(false);
  const [results, setResults] = useState<Result[] | null>(null);
  // What was chosen when the dialog opened: the list below goes on changing.
  const [chosen] = useState(approvals);
  const missing = !agree && note.trim() === '';
  const running = results !== null && results.length < chosen.length;

  const run = async () => {
    setChecked(true);
    if (missing || results) return;
    const done: Result[] = [];
    setResults([]);
    let refused: ApiError | undefined;
    for (const approval of chosen) {
      try {
        // Who does not confirm who they are is not asked once per row.
        if (refused) throw refused;
        done.push({ approval: await decide.mutateAsync({ approval, agree, note: note.trim() }) });
      } catch (error) {
        const e = asApiError(error);
        if (e.code === 'step_up_required') refused = e;
        done.push({ approval, error: e });
      }
      setResults([...done]);
    }
  };
  const sum = chosen.reduce((total, a) => total + BigInt(a.amount), 0n);
  return (
    <Modal open title={t(agree ? 'approvals.bulkAgree' : 'approvals.bulkReject', { count: chosen.length })} footer={null} onCancel={() => !running && onClose()} mask={{ closable: false }}>
      {results === null ? (
        <Form layout="vertical" requiredMark={false} onFinish={() => void run()} data-testid="bulk-form">
          <div className="zg-once zg-spread zg-modal-lead">
            <span>{t('approvals.bulkSum', { count: chosen.length })}</span>
            <span className="zg-amount zg-amount-large">{formatFen(sum)}</span>
          </div>
          <NoteField value={note} onChange={setNote} agree={agree} missing={checked && missing} />
          <div className="zg-actions zg-actions-end">
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="primary" danger={!agree} htmlType="submit">{t(agree ? 'approvals.agree' : 'approvals.reject')}</Button>
          </div>
        </Form>
      ) : (
        <div className="zg-stack-tight" data-testid="bulk-summary" data-done={!running}>
          <Progress percent={Math.round((100 * results.length) / chosen.length)} aria-label={t('approvals.bulkProgress')} />
          <p role="status">{t('approvals.bulkResult', { done: results.filter((r) => !r.error).length, failed: results.filter((r) => r.error).length, all: chosen.length })}</p>
          <ul className="zg-cards">
            {results.map((r) => (
              <li key={r.approval.id} className="zg-cards-item">
                <div>
                  <span className="zg-spread"><span>{t(`approvals.kinds.${r.approval.kind}`)} <Amount fen={r.approval.amount} /></span><Outcome result={r} /></span>
                  {r.error && <span className="zg-tone-bad zg-small">{errorSentence(t, r.error)}</span>}
                </div>
              </li>
            ))}
          </ul>
          <div className="zg-actions zg-actions-end">
            <Button type="primary" onClick={onClose} disabled={running}>{t('common.done')}</Button>
          </div>
        </div>
      )}
    </Modal>
  );
}

function Outcome({ result }: { result: Result }) {
  const { t } = useTranslation();
  if (result.error) return <StatusTag tone={result.error.inDoubt ? 'unknown' : 'bad'}>{t('approvals.bulkFailed')}</StatusTag>;
  const { state } = result.approval;
  return <StatusTag tone={state === 'pending' ? 'waiting' : state === 'approved' ? 'good' : 'over'}>{t(state === 'pending' ? 'approvals.bulkWaits' : `states.approval.${state}`)}</StatusTag>;
}
