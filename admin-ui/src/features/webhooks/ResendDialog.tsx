import { Button, Modal, Progress } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BeijingTime } from '@/components/BeijingTime';
import { EventType } from '@/components/Delivery';
import { errorDetail, errorSentence } from '@/components/ErrorSentence';
import { StatusTag } from '@/components/StatusTag';
import { asApiError, type ApiError } from '@/lib/api/error';
import { type Delivery, useResend } from '@/lib/deliveries';

interface Result {
  delivery: Delivery;
  error?: ApiError;
}

/** Sends chosen deliveries again, one after the other, and ends in a summary of what became of each. */
export function ResendDialog({ deliveries, onClose }: { deliveries: Delivery[]; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const resend = useResend();
  // What was chosen when the dialog opened: the list below goes on changing.
  const [chosen] = useState(deliveries);
  const [results, setResults] = useState<Result[] | null>(null);
  const running = results !== null && results.length < chosen.length;

  const run = async () => {
    if (results) return;
    const done: Result[] = [];
    setResults([]);
    for (const delivery of chosen) {
      try {
        await resend.mutateAsync(delivery.id);
        done.push({ delivery });
      } catch (error) {
        done.push({ delivery, error: asApiError(error) });
      }
      setResults([...done]);
    }
  };
  return (
    <Modal open title={t('webhooks.resendChosen', { count: chosen.length })} footer={null} onCancel={() => !running && onClose()} mask={{ closable: false }}>
      {results === null ? (
        <div className="zg-stack">
          <p className="zg-muted">{t('webhooks.resendChosenHint')}</p>
          <div className="zg-actions zg-actions-end">
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="primary" onClick={() => void run()}>{t('webhooks.resend')}</Button>
          </div>
        </div>
      ) : (
        <div className="zg-stack-tight" data-testid="resend-summary" data-done={!running}>
          <Progress percent={Math.round((100 * results.length) / chosen.length)} aria-label={t('webhooks.resend')} />
          <p role="status">{t('webhooks.resendResult', { done: results.filter((r) => !r.error).length, failed: results.filter((r) => r.error).length, all: chosen.length })}</p>
          <ul className="zg-cards">
            {results.map((r) => (
              <li key={r.delivery.id} className="zg-cards-item">
                <div>
                  <span className="zg-spread"><EventType type={r.delivery.type} /><StatusTag tone={r.error ? 'bad' : 'busy'}>{t(r.error ? 'webhooks.notResent' : 'webhooks.queued')}</StatusTag></span>
                  <span className="zg-muted zg-small"><BeijingTime at={r.delivery.created_at} /></span>
                  {r.error && <span className="zg-tone-bad zg-small">{errorDetail(r.error, i18n.language) ?? errorSentence(t, r.error)}</span>}
                </div>
              </li>
            ))}
          </ul>
          <div className="zg-actions zg-actions-end"><Button type="primary" onClick={onClose} disabled={running}>{t('common.done')}</Button></div>
        </div>
      )}
    </Modal>
  );
}
