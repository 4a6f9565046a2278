import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Drawing, Look, Series } from './types';

echarts.use([BarChart, LineChart, GridComponent, TooltipComponent, SVGRenderer]);

export interface Drawn {
  update: (drawing: Drawing, look: Look) => void;
  resize: () => void;
  dispose: () => void;
}

/** Draws into an element, as SVG. The sizes are the element's own unless it has none, as where nothing is laid out. */
export function draw(element: HTMLElement): Drawn {
  const size = element.clientWidth > 0 ? undefined : { width: 640, height: 240 };
  const chart = echarts.init(element, undefined, { renderer: 'svg', ...size });
  return {
    update: (drawing, look) => chart.setOption(optionOf(drawing, look), { notMerge: true }),
    resize: () => chart.resize(),
    dispose: () => chart.dispose(),
  };
}

// Lines differ in their marks as well as in colour; the time before is dashed.
const marks = ['circle', 'rect', 'triangle', 'diamond'] as const;

function optionOf({ labels, series, format, short, percent }: Drawing, look: Look) {
  const text = { color: look.muted, fontSize: 12, fontFamily: look.font };
  return {
    animation: !look.still,
    animationDuration: 250,
    grid: { left: 4, right: 12, top: 14, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: {
      type: 'category', data: labels, axisTick: { show: false }, axisLine: { lineStyle: { color: look.line } }, axisLabel: { ...text, hideOverlap: true },
      boundaryGap: series.some((s) => s.kind === 'bar'),
    },
    yAxis: {
      type: 'value', splitNumber: 4, axisLabel: { ...text, formatter: (v: number) => (short ?? format)(v) }, splitLine: { lineStyle: { color: look.line } },
      ...(percent ? { min: 0, max: percent } : {}),
    },
    tooltip: {
      trigger: 'axis', confine: true, className: 'zg-chart-tip', borderWidth: 0, padding: 0, backgroundColor: 'transparent',
      axisPointer: { type: 'line', lineStyle: { color: look.muted, type: 'dotted' } },
      formatter: (at: { dataIndex: number }[]) => tip(labels[at[0]?.dataIndex ?? 0] ?? '', series, at[0]?.dataIndex ?? 0, format),
    },
    series: series.map((s, i) => shape(s, i, look)),
  };
}

function shape(s: Series, i: number, look: Look) {
  const color = look.colours[s.tone];
  const common = { name: s.name, data: s.values.map((v) => v ?? '-'), stack: s.stack, emphasis: { focus: 'none' }, silent: false };
  if (s.kind === 'bar') return { ...common, type: 'bar', barMaxWidth: 28, itemStyle: { color, borderRadius: [3, 3, 0, 0] }, z: 2 };
  const before = s.tone === 'before';
  return {
    ...common, data: pointsOf(s, i), type: 'line', showSymbol: true, showAllSymbol: true, symbolSize: 7, color, z: 3,
    lineStyle: { color, width: before ? 1.5 : 2, type: before ? 'dashed' : 'solid' }, itemStyle: { color },
  };
}

// With more points than this, marks would run together.
const MOST_MARKS = 14;

/** The points of a line. One that stands alone always has a mark: there is no line to it. */
function pointsOf({ values, tone }: Series, i: number) {
  const marked = tone !== 'before' && i > 0 && values.length <= MOST_MARKS;
  const known = (at: number) => values[at] !== null && values[at] !== undefined;
  return values.map((v, at) => ({ value: v ?? '-', symbol: marked || (known(at) && !known(at - 1) && !known(at + 1)) ? marks[i % marks.length] : 'none' }));
}

/** The values at one place, as an element: the page's policy lets no markup carry styles. */
function tip(label: string, series: Series[], at: number, format: (value: number) => string): HTMLElement {
  const box = document.createElement('div');
  box.className = 'zg-chart-tip-box';
  const head = document.createElement('div');
  head.className = 'zg-muted zg-small';
  head.textContent = label;
  box.append(head);
  for (const s of series) {
    const row = document.createElement('div');
    row.className = 'zg-chart-tip-row';
    const key = document.createElement('span');
    key.className = `zg-chart-key zg-chart-key-${s.tone}`;
    const name = document.createElement('span');
    name.textContent = s.name;
    const value = document.createElement('span');
    value.className = 'zg-figures zg-strong';
    const v = s.values[at];
    value.textContent = v === null || v === undefined ? '–' : format(v);
    row.append(key, name, value);
    box.append(row);
  }
  return box;
}
