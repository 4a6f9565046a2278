import { useEffect, useEffectEvent, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDark, useStill } from '@/lib/preferences';
import type { Drawn } from './chart/draw';
import type { Drawing, Look, SeriesTone } from './chart/types';
import { EmptyState } from './EmptyState';

export type { Drawing, Series } from './chart/types';

interface Props extends Drawing {
  /** What is drawn, for who does not see it. */
  title: string;
  /** What the labels are, as the table's first column says. */
  labelsAre: string;
  empty?: { title: string; hint?: string };
  loading?: boolean;
}

/**
 * A drawing of figures over time, and the same figures as a table. The library that draws comes
 * with the first chart; until then, and while the figures come, the place is kept.
 */
export function Chart({ title, labelsAre, empty, loading, ...drawing }: Props) {
  const nothing = !drawing.series.some((s) => s.values.some((v) => v !== null && v !== 0));
  if (loading) return <div className="zg-chart-place zg-chart-wait" aria-busy="true" />;
  if (nothing && empty) return <div className="zg-chart-none"><EmptyState title={empty.title} hint={empty.hint} /></div>;
  return (
    <figure className="zg-chart" data-testid="chart">
      <Keys series={drawing.series} />
      <Canvas title={title} drawing={drawing} />
      <Table title={title} labelsAre={labelsAre} drawing={drawing} />
    </figure>
  );
}

function Keys({ series }: { series: Drawing['series'] }) {
  if (series.length < 2) return null;
  return (
    <figcaption className="zg-row zg-small" aria-hidden="true">
      {series.map((s) => (
        <span key={s.name} className="zg-chart-name">
          <span className={`zg-chart-key zg-chart-key-${s.tone}`} />
          {s.name}
        </span>
      ))}
    </figcaption>
  );
}

function Canvas({ title, drawing }: { title: string; drawing: Drawing }) {
  const place = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const dark = useDark();
  const still = useStill();

  useEffect(() => {
    const element = place.current;
    let gone = false;
    let made: Drawn | undefined;
    let watch: ResizeObserver | undefined;
    void import('./chart/draw').then(({ draw }) => {
      if (gone || !element) return;
      made = draw(element);
      watch = new ResizeObserver(() => made?.resize());
      watch.observe(element);
      setDrawn(made);
    });
    return () => {
      gone = true;
      watch?.disconnect();
      made?.dispose();
    };
  }, []);

  // Drawn anew when the figures or the look are others, not with every look at the page: a tooltip would go.
  const figures = JSON.stringify([drawing.labels, drawing.series, drawing.percent]);
  const redraw = useEffectEvent(() => drawn?.update(drawing, lookNow(still)));
  useEffect(() => {
    // After the page has taken the look of the theme: its colours are read from there.
    const frame = requestAnimationFrame(() => redraw());
    return () => cancelAnimationFrame(frame);
  }, [drawn, figures, dark, still]);

  return <div ref={place} className="zg-chart-place" role="img" aria-label={title} data-drawn={drawn !== null} />;
}

const variables: Record<SeriesTone, string> = { first: '--zg-accent', second: '--zg-busy', third: '--zg-waiting', bad: '--zg-bad', before: '--zg-muted' };

function lookNow(still: boolean): Look {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim() || '#56605d';
  const colours = Object.fromEntries(Object.entries(variables).map(([tone, name]) => [tone, colour(name)])) as Look['colours'];
  return { colours, line: colour('--zg-line'), muted: colour('--zg-muted'), font: getComputedStyle(document.body).fontFamily, still };
}

/** The same figures to read: for who does not see the drawing, and for who wants them exactly. */
function Table({ title, labelsAre, drawing }: { title: string; labelsAre: string; drawing: Drawing }) {
  const { t } = useTranslation();
  const id = useId();
  const [open, setOpen] = useState(false);
  return (
    <details className="zg-details zg-small" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary id={id}>{t('chart.table')}</summary>
      {open && (
        <div className="zg-chart-table" role="group" aria-labelledby={id} tabIndex={0}>
          <table>
            <caption className="zg-sr-only">{title}</caption>
            <thead>
              <tr>
                <th scope="col">{labelsAre}</th>
                {drawing.series.map((s) => <th key={s.name} scope="col">{s.name}</th>)}
              </tr>
            </thead>
            <tbody>
              {drawing.labels.map((label, i) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {drawing.series.map((s) => {
                    const v = s.values[i];
                    return <td key={s.name}>{v === null || v === undefined ? '–' : drawing.format(v)}</td>;
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
