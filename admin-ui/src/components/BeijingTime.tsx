import { useTranslation } from 'react-i18next';
import { beijingTime } from '@/lib/beijing';

/** A time in Beijing; the zone is named on hover and to screen readers, and by the page once. */
export function BeijingTime({ at, empty }: { at: string | null | undefined; empty?: string }) {
  const { t } = useTranslation();
  if (!at) return <span className="zg-muted">{empty ?? t('common.none')}</span>;
  const text = beijingTime(at);
  return (
    <time className="zg-figures" dateTime={at} title={t('common.beijingTimeOf', { time: text })}>
      {text}
    </time>
  );
}
