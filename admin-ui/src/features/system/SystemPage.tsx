import { ReloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Ago } from '@/components/Ago';
import { BeijingTime } from '@/components/BeijingTime';
import { DetailPage } from '@/components/DetailPage';
import { Facts } from '@/components/Facts';
import { Section } from '@/components/Section';
import { StatusTag } from '@/components/StatusTag';
import { api, call, type Schemas } from '@/lib/api/client';

type System = Schemas['System'];

const REFRESH_MS = 15_000;

/** How the platform does: nodes, what is due, the database, and what is kept for how long. */
export default function SystemPage() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ['system'], queryFn: () => call(() => api.GET('/v1/system')), refetchInterval: REFRESH_MS });
  return (
    <DetailPage
      title={t('nav.system')}
      back={{ to: '/', label: t('nav.home') }}
      query={query}
      lead={(s) => t('system.lead', { version: s.version.version })}
      status={(s) => <StatusTag tone={well(s) ? 'good' : 'bad'} testId="system-state">{t(well(s) ? 'system.well' : 'system.unwell')}</StatusTag>}
      actions={() => <Button icon={<ReloadOutlined aria-hidden="true" spin={query.isFetching} />} onClick={() => void query.refetch()}>{t('common.refresh')}</Button>}
    >
      {(s) => (
        <>
          <Nodes nodes={s.nodes} />
          <Checks checks={s.checks} />
          <Work system={s} />
          <Database state={s.database} />
          <Kept rules={s.retention} />
        </>
      )}
    </DetailPage>
  );
}

/** Everything this node needs answers, no node was lost, and the schema is the program's. */
function well(s: System): boolean {
  return s.checks.every((c) => c.ok) && s.nodes.every((n) => !n.lost) && s.database.schema_version >= s.database.known_schema;
}

/** A plain table that scrolls by itself where the screen is narrow. */
function Plain({ label, head, rows }: { label: string; head: string[]; rows: { key: string; cells: ReactNode[] }[] }) {
  return (
    <div className="zg-plain-table" role="group" aria-label={label} tabIndex={0}>
      <table>
        <thead><tr>{head.map((h) => <th key={h} scope="col">{h}</th>)}</tr></thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.key}>{r.cells.map((cell, i) => (i === 0 ? <th key={head[i]} scope="row">{cell}</th> : <td key={head[i]}>{cell}</td>))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Nodes({ nodes }: { nodes: System['nodes'] }) {
  const { t } = useTranslation();
  return (
    <Section title={t('system.nodes')} testId="system-nodes" flush>
      <Plain
        label={t('system.nodes')}
        head={[t('system.node'), t('common.status'), t('system.version'), t('system.since'), t('system.seen'), t('system.plugins')]}
        rows={nodes.map((n) => ({
          key: n.id,
          cells: [
            <span key="name">{n.name}{n.here && <span className="zg-muted zg-small"> {t('system.here')}</span>}</span>,
            <StatusTag key="state" tone={n.lost ? 'bad' : 'good'}>{t(n.lost ? 'system.lost' : 'system.runs')}</StatusTag>,
            n.version,
            <BeijingTime key="since" at={n.started_at} />,
            <Ago key="seen" at={n.seen_at} />,
            t('system.pluginsOf', { up: n.plugins.filter((p) => p.state === 'enabled').length, all: n.plugins.length }),
          ],
        }))}
      />
    </Section>
  );
}

// What is said of the things a node needs; a plugin is called by its name.
const checkNames = ['node', 'postgresql', 'keys'] as const;

function Checks({ checks }: { checks: System['checks'] }) {
  const { t } = useTranslation();
  const nameOf = (name: string) => {
    const known = checkNames.find((c) => c === name);
    return known ? t(`system.checks.${known}`) : t('system.checkPlugin', { name: name.replace(/^plugin /, '') });
  };
  return (
    <Section title={t('system.health')} testId="system-checks">
      <ul className="zg-stack-tight">
        {checks.map((c) => (
          <li key={c.name} className="zg-spread zg-wrap">
            <span>{nameOf(c.name)}</span>
            <StatusTag tone={c.ok ? 'good' : 'bad'}>{t(c.ok ? 'system.ok' : 'system.notOk')}</StatusTag>
            {!c.ok && <span className="zg-muted zg-small zg-row-whole" lang="en">{c.message}</span>}
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** A word for a kind, or the kind itself where this console knows none. */
function useKind() {
  const { t, i18n } = useTranslation();
  return (kind: string) => (i18n.exists(`system.kinds.${kind}`) ? t(`system.kinds.${kind}`) : kind);
}

function Work({ system: s }: { system: System }) {
  const { t } = useTranslation();
  const kind = useKind();
  const done = (of: string) => s.nodes.flatMap((n) => n.work).filter((w) => w.kind === of);
  const sum = (of: string, what: 'done' | 'failed') => done(of).reduce((n, w) => n + w[what], 0);
  const failedAt = (of: string) => done(of).map((w) => w.failed_at).filter((at) => at !== undefined).toSorted().at(-1);
  return (
    <Section title={t('system.work')} testId="system-work" flush>
      <Plain
        label={t('system.work')}
        head={[t('system.kind'), t('system.due'), t('system.leased'), t('system.oldest'), t('system.done'), t('system.failed'), t('system.failedAt')]}
        rows={s.work.map((w) => ({
          key: w.kind,
          cells: [kind(w.kind), w.due, w.leased, <Ago key="oldest" at={w.oldest} />, sum(w.kind, 'done'), sum(w.kind, 'failed'), <BeijingTime key="failed" at={failedAt(w.kind)} />],
        }))}
      />
      {s.figures.length > 0 && (
        <div className="zg-section-body">
          <Facts facts={figures(s).map(({ of, count, oldest }) => ({ label: t(`system.figures.${of}`), value: <>{count} {oldest && <span className="zg-muted zg-small"><Ago at={oldest} /></span>}</> }))} />
        </div>
      )}
    </Section>
  );
}

const told = ['unknown', 'cases', 'approvals', 'alerts', 'callbacks', 'days', 'deliveries', 'unchained'] as const;

function figures(s: System): { of: (typeof told)[number]; count: number; oldest?: string }[] {
  return told.flatMap((of) => {
    const all = s.figures.filter((f) => f.of === of);
    if (all.length === 0) return [];
    return [{ of, count: all.reduce((n, f) => n + f.count, 0), oldest: all.map((f) => f.oldest).filter((at) => at !== undefined).toSorted()[0] }];
  });
}

/** 1.5 GB for so many bytes. */
function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toFixed(1))} ${units[power]}`;
}

function Database({ state: d }: { state: System['database'] }) {
  const { t } = useTranslation();
  return (
    <Section title={t('system.database')} testId="system-database">
      <div className="zg-stack">
        <Facts
          facts={[
            { label: t('system.postgres'), value: d.version },
            { label: t('system.size'), value: size(d.bytes) },
            { label: t('system.schema'), value: d.schema_version === d.known_schema ? String(d.schema_version) : t('system.schemaDiffers', { applied: d.schema_version, known: d.known_schema }) },
          ]}
        />
        <Plain label={t('system.tables')} head={[t('system.table'), t('system.size'), t('system.rows')]} rows={d.tables.map((x) => ({ key: x.name, cells: [x.name, size(x.bytes), x.rows.toLocaleString('en-US')] }))} />
      </div>
    </Section>
  );
}

const DAY = 86_400;

function Kept({ rules }: { rules: System['retention'] }) {
  const { t } = useTranslation();
  return (
    <Section title={t('system.retention')} testId="system-retention">
      <Facts facts={rules.map((r) => ({ label: t(`system.kept.${r.what}`), value: r.seconds === 0 ? t('system.forEver') : t('system.days', { count: Math.round(r.seconds / DAY) }) }))} />
    </Section>
  );
}
