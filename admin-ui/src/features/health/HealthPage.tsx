import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Ago } from '@/components/Ago';
import { Chart } from '@/components/Chart';
import { DetailPage } from '@/components/DetailPage';
import { EmptyState } from '@/components/EmptyState';
import { Facts } from '@/components/Facts';
import { Section } from '@/components/Section';
import { PluginStatus } from '@/components/states';
import { StatusTag } from '@/components/StatusTag';
import { api, call, type Schemas } from '@/lib/api/client';
import { beijingTime } from '@/lib/beijing';
import { useMay } from '@/lib/permissions';
import { useNames } from '@/lib/queries';
import { useFilters } from '@/lib/useFilters';

type Report = Schemas['ProviderHealthReport'];
type Health = Schemas['ProviderHealth'];
type Sums = Schemas['CallSums'];

const spans = ['1', '6', '24', '168'] as const;
const REFRESH_MS = 30_000;

/** How every provider answers: how often, how fast, how it ended, on all nodes. */
export default function HealthPage() {
  const { t } = useTranslation();
  const { search, change } = useFilters();
  const hours = spans.find((h) => h === search.get('hours')) ?? '24';
  const query = useQuery({
    queryKey: ['provider-health', hours],
    queryFn: () => call(() => api.GET('/v1/provider-health', { params: { query: { hours: Number(hours) } } })),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
  return (
    <DetailPage
      title={t('nav.providerHealth')}
      back={{ to: '/providers', label: t('nav.providers') }}
      query={query}
      lead={() => t('health.lead')}
      actions={() => (
        <Segmented aria-label={t('health.span')} value={hours} onChange={(h) => change({ hours: h === '24' ? undefined : h })} options={spans.map((h) => ({ value: h, label: t(`health.spans.${h}`) }))} />
      )}
    >
      {(report) =>
        report.providers.length === 0 ? <div className="zg-card"><EmptyState title={t('health.empty')} hint={t('health.emptyHint')} /></div> : report.providers.map((p) => <Provider key={p.provider} value={p} report={report} />)
      }
    </DetailPage>
  );
}

/** In doubt or not sent, of all calls, in tenths of a per cent. */
function errors(s: Sums): number {
  return s.calls === 0 ? 0 : Math.round(((s.in_doubt + s.not_sent) * 1000) / s.calls);
}

const percent = (tenths: number) => `${Math.floor(tenths / 10)}.${tenths % 10}%`;
const millis = (ms: number) => (ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`);

function Provider({ value: p, report }: { value: Health; report: Report }) {
  const { t } = useTranslation();
  const names = useNames();
  const may = useMay();
  const { labels, at } = stepsOf(report, p);
  const figure = (of: (s: Sums) => number) => at.map((s) => (s ? of(s) : null));
  return (
    <Section title={names.provider(p.provider)} extra={<Link to={may('plugins:inspect') ? `/plugins/${p.provider}` : `/providers/${p.provider}`}>{t('health.plugin')}</Link>} testId={`health-${p.provider}`}>
      <div className="zg-stack">
        <Facts
          facts={[
            { label: t('health.calls'), value: <span className="zg-figures zg-strong">{p.sums.calls}</span> },
            { label: t('health.errorRate'), value: <StatusTag tone={errors(p.sums) >= 50 ? 'bad' : errors(p.sums) > 0 ? 'waiting' : 'good'}>{percent(errors(p.sums))}</StatusTag> },
            { label: t('health.p50'), value: <span className="zg-figures">{p.sums.calls > 0 ? millis(p.sums.p50_millis) : '–'}</span> },
            { label: t('health.p95'), value: <span className="zg-figures">{p.sums.calls > 0 ? millis(p.sums.p95_millis) : '–'}</span> },
            { label: t('health.outcomes'), value: t('health.outcomesOf', { succeeded: p.sums.succeeded, failed: p.sums.failed, unknown: p.sums.in_doubt, unsent: p.sums.not_sent, other: p.sums.calls - p.sums.succeeded - p.sums.failed - p.sums.in_doubt - p.sums.not_sent }), wide: true },
          ]}
        />
        <Running provider={p.provider} nodes={report.nodes} />
        <div className="zg-halves">
          <div>
            <h3 className="zg-subhead">{t('health.byOutcome')}</h3>
            <Chart
              title={t('health.byOutcome')} labelsAre={t('health.time')} labels={labels} format={String} empty={{ title: t('health.none') }}
              series={[
                { name: t('health.succeeded'), tone: 'first', kind: 'bar', stack: 'calls', values: figure((s) => s.succeeded) },
                { name: t('health.failed'), tone: 'third', kind: 'bar', stack: 'calls', values: figure((s) => s.failed) },
                { name: t('health.errors'), tone: 'bad', kind: 'bar', stack: 'calls', values: figure((s) => s.in_doubt + s.not_sent) },
              ]}
            />
          </div>
          <div>
            <h3 className="zg-subhead">{t('health.latency')}</h3>
            <Chart
              title={t('health.latency')} labelsAre={t('health.time')} labels={labels} format={millis} empty={{ title: t('health.none') }}
              series={[
                { name: t('health.p50'), tone: 'second', kind: 'line', values: figure((s) => s.p50_millis) },
                { name: t('health.p95'), tone: 'third', kind: 'line', values: figure((s) => s.p95_millis) },
              ]}
            />
          </div>
        </div>
      </div>
    </Section>
  );
}

/** All steps of the report, with the calls of those that have any. */
function stepsOf(report: Report, p: Health): { labels: string[]; at: (Sums | undefined)[] } {
  const [from, to, step] = [Date.parse(report.from), Date.parse(report.to), report.step_seconds * 1000];
  const sums = new Map(p.steps.map((s) => [Date.parse(s.from), s.sums]));
  const times = Array.from({ length: Math.round((to - from) / step) }, (_, i) => from + i * step);
  const long = to - from > 86_400_000;
  return { labels: times.map((time) => beijingTime(time).slice(long ? 5 : 11, 16)), at: times.map((time) => sums.get(time)) };
}

/** How the plugin runs on each node: its restarts, its last crash, addresses that do not answer. */
function Running({ provider, nodes }: { provider: string; nodes: Report['nodes'] }) {
  const { t } = useTranslation();
  const running = nodes.filter((n) => !n.lost).flatMap((n) => n.plugins.filter((p) => p.id === provider).map((plugin) => ({ node: n, plugin })));
  return (
    <ul className="zg-stack-tight">
      {running.map(({ node, plugin }) => (
        <li key={node.id} className="zg-row zg-small">
          <span className="zg-strong">{node.name}</span>
          <PluginStatus value={plugin.state} />
          <span className="zg-muted">{t('health.restarts', { count: plugin.restarts })}</span>
          {plugin.last_crash_at && <span className="zg-muted">{t('health.lastCrash')} <Ago at={plugin.last_crash_at} /></span>}
          {plugin.gave_up && <StatusTag tone="bad">{t('health.gaveUp')}</StatusTag>}
          {plugin.unreachable.length > 0 && <StatusTag tone="bad">{t('health.unreachable', { addresses: plugin.unreachable.join(' ') })}</StatusTag>}
        </li>
      ))}
    </ul>
  );
}
