import { useTranslation } from 'react-i18next';
import { age, beijingTime } from '@/lib/beijing';
import { useNow } from '@/lib/now';

/** How long ago something was, with the exact time in Beijing on hover. */
export function Ago({ at }: { at: string | undefined }) {
  const { t } = useTranslation();
  const now = useNow();
  if (!at) return <span className="zg-muted">{t('common.none')}</span>;
  const { unit, count } = age(at, now);
  return (
    <time className="zg-figures" dateTime={at} title={t('common.beijingTimeOf', { time: beijingTime(at) })}>
      {t(`common.ago.${unit}`, { count })}
    </time>
  );
}

/** How much time is left until something ends. */
export function Left({ until }: { until: string }) {
  const { t } = useTranslation();
  const now = useNow();
  const { unit, count } = age(now, new Date(until).getTime());
  return (
    <time className="zg-figures" dateTime={until} title={t('common.beijingTimeOf', { time: beijingTime(until) })}>
      {count > 0 ? t(`common.left.${unit}`, { count }) : t('common.leftNone')}
    </time>
  );
}
