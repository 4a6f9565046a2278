import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { age } from '@/lib/beijing';
import { BeijingTime } from './BeijingTime';

/** What in doubt means, since when, and what happens next: never that it failed. */
export function UnknownNote({ since, reason, nextCheck, checks }: { since?: string; reason?: string; nextCheck?: string; checks: number }) {
  const { t } = useTranslation();
  const [now] = useState(() => Date.now());
  const old = since ? age(since, now) : undefined;
  return (
    <div className="zg-unknown-note" role="note" data-testid="unknown-note">
      <p className="zg-strong">{t('unknown.title')}</p>
      <p>{t('unknown.explain')}</p>
      {since && (
        <p>
          {t('unknown.since')} <BeijingTime at={since} /> ({t(`common.ago.${old!.unit}`, { count: old!.count })})
        </p>
      )}
      {reason && <p>{t(`unknown.reasons.${reason}`, { defaultValue: reason })}</p>}
      <p>
        {t('unknown.checks', { count: checks })} {nextCheck && <>{t('unknown.next')} <BeijingTime at={nextCheck} /></>}
      </p>
    </div>
  );
}
