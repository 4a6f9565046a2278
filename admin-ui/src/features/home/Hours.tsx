import { useTranslation } from 'react-i18next';
import { formatFen } from '@/lib/money';

const WIDTH = 960;
const HEIGHT = 150;
const BASE = 122;
const SLOT = WIDTH / 24;

/** Money in by hour of the Beijing day, today in front of yesterday. The table says the same to a screen reader. */
export function Hours({ today, yesterday }: { today: number[]; yesterday?: number[] }) {
  const { t } = useTranslation();
  const most = Math.max(1, ...today, ...(yesterday ?? []));
  const height = (fen: number) => (fen === 0 ? 0 : Math.max(2, (fen / most) * (BASE - 14)));
  const hours = Array.from({ length: 24 }, (_, h) => h);
  return (
    <figure className="zg-hours">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t('home.byHour')} preserveAspectRatio="none">
        <path d={`M0 ${BASE}H${WIDTH}`} className="zg-hours-axis" />
        {hours.map((h) => (
          <g key={h}>
            <title>{t('home.hourTitle', { hour: h, today: formatFen(today[h] ?? 0), yesterday: formatFen(yesterday?.[h] ?? 0) })}</title>
            <rect x={h * SLOT} y="0" width={SLOT} height={BASE} fill="transparent" />
            <rect className="zg-hours-before" x={h * SLOT + 6} width={SLOT - 12} y={BASE - height(yesterday?.[h] ?? 0)} height={height(yesterday?.[h] ?? 0)} rx="3" />
            <rect className="zg-hours-now" x={h * SLOT + 12} width={SLOT - 24} y={BASE - height(today[h] ?? 0)} height={height(today[h] ?? 0)} rx="3" />
          </g>
        ))}
      </svg>
      <div className="zg-hours-labels" aria-hidden="true">
        {hours.filter((h) => h % 3 === 0).map((h) => <span key={h}>{h}:00</span>)}
      </div>
      <figcaption className="zg-row zg-muted zg-small">
        <span className="zg-key zg-key-now" aria-hidden="true" />{t('home.today')}
        <span className="zg-key zg-key-before" aria-hidden="true" />{t('home.yesterday')}
      </figcaption>
    </figure>
  );
}
