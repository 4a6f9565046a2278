import { useTranslation } from 'react-i18next';
import type { Schemas } from '@/lib/api/client';
import { providerSaid } from '@/lib/providerSaid';
import { BeijingTime } from './BeijingTime';
import { EmptyState } from './EmptyState';
import { eventTone, outcomeTone } from './states';

interface History {
  timeline: Schemas['TimelineEntry'][];
  attempts: Schemas['Attempt'][];
  events: Schemas['Event'][];
}

/** Everything that happened to an order: our events and the calls to the provider, oldest first. */
export function Timeline({ timeline, attempts, events }: History) {
  const { t } = useTranslation();
  if (timeline.length === 0) return <EmptyState title={t('timeline.empty')} />;
  return (
    <ol className="zg-timeline" data-testid="timeline">
      {timeline.map((entry) => {
        const attempt = entry.kind === 'attempt' ? attempts.find((a) => a.id === entry.id) : undefined;
        const event = entry.kind === 'event' ? events.find((e) => e.id === entry.id) : undefined;
        const tone = entry.kind === 'attempt' ? outcomeTone(entry.outcome) : eventTone(entry.title);
        return (
          <li key={entry.id} className={`zg-timeline-item zg-timeline-${tone}`}>
            <div className="zg-timeline-title">
              <span className="zg-strong">{attempt ? <AttemptTitle attempt={attempt} /> : <EventTitle type={entry.title} />}</span>
              <span className="zg-muted zg-small">
                <BeijingTime at={entry.at} />
              </span>
            </div>
            {attempt && <AttemptBody attempt={attempt} />}
            {event && <Data label={t('timeline.data')} value={event.data} />}
          </li>
        );
      })}
    </ol>
  );
}

function EventTitle({ type }: { type: string }) {
  const { t } = useTranslation();
  return t(`timeline.events.${type.replace('.', '_')}`, { defaultValue: type });
}

function AttemptTitle({ attempt }: { attempt: Schemas['Attempt'] }) {
  const { t } = useTranslation();
  const operation = t(`timeline.operations.${attempt.operation}`, { defaultValue: attempt.operation });
  const outcome = t(`timeline.outcomes.${attempt.outcome || 'none'}`, { defaultValue: attempt.outcome });
  return (
    <>
      {operation}
      <span className={`zg-tone-${outcomeTone(attempt.outcome)} zg-timeline-outcome`}>{outcome}</span>
    </>
  );
}

function AttemptBody({ attempt }: { attempt: Schemas['Attempt'] }) {
  const { t } = useTranslation();
  const said = providerSaid(attempt);
  return (
    <div className="zg-muted zg-small">
      {said && <div>{t('timeline.providerSaid', { said })}</div>}
      <div>
        {t(attempt.sent === 'no' ? 'timeline.notSent' : 'timeline.maybeSent')} · {t('timeline.took', { millis: attempt.duration_millis })} · {t('timeline.keyVersion', { version: attempt.key_version })}
      </div>
      <Data label={t('timeline.evidence')} value={attempt.evidence} />
    </div>
  );
}

function Data({ label, value }: { label: string; value: unknown }) {
  if (value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)) return null;
  return (
    <details className="zg-details zg-small">
      <summary>{label}</summary>
      {/* It scrolls, so the keyboard must reach it. */}
      <pre className="zg-pre" tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>
    </details>
  );
}
