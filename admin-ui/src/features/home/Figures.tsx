import { Segmented } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Amount } from '@/components/Amount';
import { Chart } from '@/components/Chart';
import { Section } from '@/components/Section';
import { beijingDay, beijingTime } from '@/lib/beijing';
import { formatFen, shortFen } from '@/lib/money';
import { useMay } from '@/lib/permissions';
import { useNames } from '@/lib/queries';
import { useFilters } from '@/lib/useFilters';
import { changeOf, partsBy, type Period, periods, rateOf, shareOf, type Summary, tenths } from './api';

type Shown = Summary & { days: { from: string; to: string } };

export function PeriodSwitch({ value }: { value: Period }) {
  const { t } = useTranslation();
  const { change } = useFilters();
  return (
    <Segmented
      aria-label={t('home.period')}
      value={value}
      onChange={(v) => change({ period: v === 'today' ? undefined : v })}
      options={periods.map((p) => ({ value: p, label: t(`home.periods.${p}`) }))}
    />
  );
}

/** The sums of a period beside those of the period before; each leads to the list it counts. */
export function Tiles({ summary: s, period }: { summary: Shown; period: Period }) {
  const { t } = useTranslation();
  const may = useMay();
  const range = `from=${s.days.from}&to=${s.days.to}`;
  const [now, before] = [s.sums, s.previous.sums];
  const count = (n: number) => t('home.count', { count: n });
  return (
    <section className="zg-tiles zg-tiles-five" aria-label={t('home.figures')} data-testid="figures" data-period={period}>
      <Tile name="paid" label={t('home.paid')} value={<Amount fen={now.paid} />} change={changeOf(now.paid, before.paid)} before={<Amount fen={before.paid} muted />} note={count(now.paid_count)} to={`/orders?${range}&state=succeeded`} period={period} />
      <Tile name="refunded" label={t('home.refunded')} value={<Amount fen={now.refunded} />} change={changeOf(now.refunded, before.refunded)} before={<Amount fen={before.refunded} muted />} note={count(now.refunded_count)} to={`/refunds?${range}&state=succeeded`} period={period} />
      <Tile name="paid-out" label={t('home.paidOut')} value={<Amount fen={now.paid_out} />} change={changeOf(now.paid_out, before.paid_out)} before={<Amount fen={before.paid_out} muted />} note={count(now.paid_out_count)} to={may('payouts:read') ? `/payouts?${range}&state=succeeded` : undefined} period={period} />
      <Tile name="net" label={t('home.net')} value={<Amount fen={now.net} />} change={changeOf(now.net, before.net)} before={<Amount fen={before.net} muted />} note={t('home.netHint')} to={may('settlement:read') ? `/settlement?${range}` : undefined} period={period} />
      <Tile name="rate" label={t('home.rate')} value={tenths(rateOf(now))} before={tenths(rateOf(before))} note={t('home.failed', { count: now.failed_count })} to={`/orders?${range}&state=failed`} period={period} />
    </section>
  );
}

function Tile({ name, label, value, before, change, note, to, period }: { name: string; label: string; value: ReactNode; before: ReactNode; change?: number; note: string; to?: string; period: Period }) {
  const { t } = useTranslation();
  const inside = (
    <>
      <span className="zg-tile-label">{label}</span>
      <span className="zg-tile-value" data-testid={`figure-${name}`}>{value}</span>
      <span className="zg-muted zg-small">{note}</span>
      <span className="zg-muted zg-small">{t(`home.before.${period}`)} {before} {change !== undefined && <Change tenth={change} />}</span>
    </>
  );
  return to ? <Link to={to} className="zg-card zg-tile">{inside}</Link> : <div className="zg-card zg-tile">{inside}</div>;
}

/** How much more or less, in words for who does not see the arrow. */
function Change({ tenth }: { tenth: number }) {
  const { t } = useTranslation();
  if (tenth === 0) return <span>{t('home.same')}</span>;
  const change = tenths(Math.abs(tenth));
  return (
    <span className="zg-figures">
      <span aria-hidden="true">{tenth > 0 ? '↑' : '↓'} {change}</span>
      <span className="zg-sr-only">{t(tenth > 0 ? 'home.up' : 'home.down', { change })}</span>
    </span>
  );
}

/** Money in over the period. What has not come yet is left open, not drawn as nothing. */
export function Trend({ summary: s, period }: { summary: Shown; period: Period }) {
  const { t, i18n } = useTranslation();
  const hours = s.step_seconds === 3600;
  const asOf = s.previous.to && Date.parse(s.from) + (Date.parse(s.previous.to) - Date.parse(s.previous.from));
  const come = (from: string) => Date.parse(from) < Number(asOf);
  return (
    <Section title={t(hours ? 'home.trendHours' : 'home.trendDays')} testId="trend">
      <Chart
        title={t(hours ? 'home.trendHours' : 'home.trendDays')}
        labelsAre={t(hours ? 'home.hour' : 'home.day')}
        labels={s.steps.map((step) => (hours ? beijingTime(step.from).slice(11, 16) : beijingDay(step.from).slice(5)))}
        format={formatFen}
        short={shortFen(i18n.language)}
        empty={{ title: t('home.noMoney'), hint: t('home.noMoneyHint') }}
        series={[
          { name: t(`home.periods.${period}`), tone: 'first', kind: 'bar', values: s.steps.map((step) => (come(step.from) ? step.sums.paid : null)) },
          ...(hours ? [] : [{ name: t('home.refunded'), tone: 'third' as const, kind: 'line' as const, values: s.steps.map((step) => (come(step.from) ? step.sums.refunded : null)) }]),
          { name: t(`home.compared.${period}`), tone: 'before', kind: 'line', values: s.steps.map((_, i) => s.previous.steps[i]?.sums.paid ?? null) },
        ]}
      />
    </Section>
  );
}

/** Where the money came from, the largest first. */
export function Split({ summary: s, by }: { summary: Shown; by: 'provider' | 'method' }) {
  const { t } = useTranslation();
  const names = useNames();
  const parts = partsBy(s.parts, (p) => (by === 'provider' ? p.provider : p.method)).filter((p) => p.paid_count + p.failed_count > 0);
  if (parts.length === 0) return null;
  const range = `from=${s.days.from}&to=${s.days.to}`;
  return (
    <Section title={t(by === 'provider' ? 'home.byProvider' : 'home.byMethod')} testId={`split-${by}`}>
      <ul className="zg-shares">
        {parts.map((p) => (
          <li key={p.key}>
            <Link to={`/orders?${range}&${by}=${encodeURIComponent(p.key)}`}>
              <span className="zg-spread">
                <span className="zg-clip">{by === 'provider' ? names.provider(p.provider) : names.method(p.provider, p.method)}</span>
                <Amount fen={p.paid} />
              </span>
              <meter className="zg-share" min={0} max={1000} value={shareOf(p.paid, s.sums.paid) ?? 0} aria-label={t('home.partOf', { share: tenths(shareOf(p.paid, s.sums.paid)) })} />
              <span className="zg-spread zg-muted zg-small">
                <span>{t('home.count', { count: p.paid_count })}</span>
                <span>{t('home.successOf', { rate: tenths(rateOf(p)) })}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
