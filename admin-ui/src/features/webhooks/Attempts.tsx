import { useTranslation } from 'react-i18next';
import { BeijingTime } from '@/components/BeijingTime';
import { StatusTag } from '@/components/StatusTag';
import type { Schemas } from '@/lib/api/client';
import { failureSentence } from '@/lib/deliveries';

/** Every request to a receiver, with what it answered. */
export function Attempts({ attempts }: { attempts: Schemas['WebhookAttempt'][] }) {
  const { t } = useTranslation();
  return (
    <ol className="zg-cards" data-testid="attempts">
      {attempts.map((a) => (
        <li key={a.started_at} className="zg-cards-item">
          <div>
            <span className="zg-spread">
              <StatusTag tone={a.error ? 'bad' : 'good'}>{a.error ? t('webhooks.notTaken') : t('webhooks.taken', { status: a.status })}</StatusTag>
              <span className="zg-muted zg-small"><BeijingTime at={a.started_at} /></span>
            </span>
            {a.error && <span>{failureSentence(t, a.status, a.error)}</span>}
            <span className="zg-muted zg-small">
              {t('webhooks.took', { seconds: a.seconds.toFixed(2) })}
              {a.address && <> · <span className="zg-mono">{a.address}</span></>}
            </span>
            {a.reply ? (
              <details className="zg-details" open={Boolean(a.error)}>
                <summary>{t('webhooks.reply')}</summary>
                <pre className="zg-pre" tabIndex={0}>{a.reply}</pre>
              </details>
            ) : (
              Boolean(a.status) && <span className="zg-muted zg-small">{t('webhooks.replyEmpty')}</span>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}
