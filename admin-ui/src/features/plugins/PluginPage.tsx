import { Button, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { Actor } from '@/components/Actor';
import { BeijingTime } from '@/components/BeijingTime';
import { CopyText } from '@/components/CopyText';
import { DetailPage } from '@/components/DetailPage';
import { Facts } from '@/components/Facts';
import { Confinement } from '@/components/PluginParts';
import { Section } from '@/components/Section';
import { PluginStatus } from '@/components/states';
import { useMay } from '@/lib/permissions';
import { inLanguage } from '@/lib/schema';
import { usePhone } from '@/lib/viewport';
import { type Decision, liveVersion, type Plugin, usePlugin, type Version, versionBefore } from './api';
import { DecideDialog } from './DecideDialog';
import { shortHash, StateAndReason, usePluginName, versionName, versionPath } from './Parts';

/** One plugin: which version is live and how it does, the versions that lie here, and its end and beginning again. */
export default function PluginPage() {
  const { t, i18n } = useTranslation();
  const { id = '' } = useParams();
  const name = usePluginName();
  const query = usePlugin(id);
  return (
    <DetailPage
      title={query.data ? name(query.data) : id}
      back={{ to: '/plugins', label: t('nav.plugins') }}
      query={query}
      status={(p) => <PluginStatus value={p.state} />}
      lead={(p) => [inLanguage(p.reason, i18n.language), p.gave_up && t('plugins.gaveUp')].filter(Boolean).join(' ')}
      actions={(p) => <Actions plugin={p} />}
    >
      {(p) => (
        <div className="zg-columns">
          <div className="zg-stack">
            <Versions plugin={p} />
            {p.crashes.length > 0 && <Crashes plugin={p} />}
          </div>
          <div className="zg-stack">
            <Live plugin={p} />
            <Health plugin={p} />
            {p.confinement.length > 0 && <Confinement layers={p.confinement} />}
          </div>
        </div>
      )}
    </DetailPage>
  );
}

function Actions({ plugin: p }: { plugin: Plugin }) {
  const { t } = useTranslation();
  const may = useMay();
  const [decision, setDecision] = useState<Decision>();
  const before = versionBefore(p);
  return (
    <>
      {p.live_sha256 && before && may('plugins:approve') && <Button onClick={() => setDecision({ kind: 'rollback', version: before })} data-testid="rollback">{t('plugins.rollback')}</Button>}
      {p.live_sha256 && !p.disabled && may('plugins:switch') && <Button danger onClick={() => setDecision({ kind: 'disable' })} data-testid="disable">{t('plugins.disable')}</Button>}
      {p.live_sha256 && p.disabled && may('plugins:switch') && <Button type="primary" onClick={() => setDecision({ kind: 'enable' })} data-testid="enable">{t('plugins.enable')}</Button>}
      <DecideDialog plugin={p} decision={decision} onClose={() => setDecision(undefined)} />
    </>
  );
}

/** Whether a version is live, was so before, or never was. */
function Standing({ version: v }: { version: Version }) {
  const { t } = useTranslation();
  if (v.live) return <span className="zg-strong">{t('plugins.isLive')}</span>;
  if (!v.live_at) return <span className="zg-muted">{t('plugins.neverLive')}</span>;
  return <span className="zg-muted">{t('plugins.wasLive')} <BeijingTime at={v.live_at} /></span>;
}

function Versions({ plugin: p }: { plugin: Plugin }) {
  const { t } = useTranslation();
  const phone = usePhone();
  const name = (v: Version) => {
    const to = versionPath(p, v);
    return to ? <Link to={to} data-testid="version">{versionName(v)}</Link> : versionName(v);
  };
  const files = (v: Version) => (
    <div className="zg-mono zg-muted zg-small">
      {v.files.join(', ')} {v.sha256 && <span title={v.sha256}>{shortHash(v.sha256)}…</span>}
    </div>
  );
  const adds = (v: Version) => v.adds.length > 0 && <div className="zg-tone-waiting zg-small">{t('plugins.addsCount', { count: v.adds.length })}</div>;
  return (
    <Section title={t('plugins.versions')} extra={<span className="zg-muted zg-small">{t('common.timesAreBeijing')}</span>} flush testId="versions">
      {phone ? (
        <ul className="zg-cards" aria-label={t('plugins.versions')}>
          {p.versions.map((v) => (
            <li key={v.files.join()} className="zg-cards-item" data-sha256={v.sha256}>
              <div>{name(v)}{files(v)}<StateAndReason of={v} />{adds(v)}<Standing version={v} /></div>
            </li>
          ))}
        </ul>
      ) : (
        <Table<Version>
          aria-label={t('plugins.versions')}
          pagination={false}
          rowKey={(v) => v.sha256 ?? v.files.join()}
          dataSource={p.versions}
          columns={[
            { title: t('providers.version'), key: 'version', render: (_, v) => <div className="zg-cell">{name(v)}{files(v)}</div> },
            { title: t('common.status'), key: 'state', width: '42%', render: (_, v) => <><StateAndReason of={v} />{adds(v)}</> },
            { title: t('plugins.standing'), key: 'standing', width: '24%', render: (_, v) => <Standing version={v} /> },
          ]}
        />
      )}
    </Section>
  );
}

/** How it ended unasked, the last first, with what it wrote last. */
function Crashes({ plugin: p }: { plugin: Plugin }) {
  const { t, i18n } = useTranslation();
  return (
    <Section title={t('plugins.crashes')} extra={<span className="zg-muted zg-small">{t('plugins.crashesHint')}</span>} flush testId="crashes">
      <ul className="zg-cards">
        {p.crashes.map((c, i) => (
          <li key={`${c.at} ${i}`} className="zg-cards-item">
            <div>
              <span className="zg-spread"><BeijingTime at={c.at} /><span className="zg-muted zg-small">{[c.version, c.pid && t('plugins.process', { pid: c.pid })].filter(Boolean).join(' · ')}</span></span>
              <span>{inLanguage(c.reason, i18n.language)}</span>
              <span className="zg-muted zg-small">
                {c.ending && <><span className="zg-mono">{c.ending}</span> · </>}
                {c.lived_millis > 0 ? t('plugins.lived', { seconds: (c.lived_millis / 1000).toFixed(1) }) : t('plugins.neverAnswered')}
              </span>
              {c.last_lines.length > 0 && (
                <details className="zg-details">
                  <summary>{t('plugins.lastLines', { count: c.last_lines.length })}</summary>
                  <pre className="zg-pre" tabIndex={0}>{c.last_lines.join('\n')}</pre>
                </details>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Live({ plugin: p }: { plugin: Plugin }) {
  const { t } = useTranslation();
  const live = liveVersion(p);
  const running = p.versions.find((v) => v.running);
  const elsewhere = running && running.sha256 !== p.live_sha256;
  return (
    <Section title={t('plugins.live')}>
      <Facts
        facts={[
          { label: t('providers.version'), value: live ? <Link to={versionPath(p, live)!} data-testid="live-version">{versionName(live)}</Link> : t(p.live_sha256 ? 'plugins.liveMissing' : 'plugins.noLive'), wide: true },
          p.live_sha256 !== undefined && { label: t('providers.sha256'), value: <CopyText text={p.live_sha256} label={t('providers.sha256')} />, wide: true },
          elsewhere && { label: t('plugins.runningHere'), value: <span className="zg-tone-waiting">{versionName(running)}</span>, wide: true },
          { label: t('plugins.decidedBy'), value: p.decided_by && <Actor actor={p.decided_by} tenant={undefined} /> },
          { label: t('plugins.decided'), value: p.decided_at && <BeijingTime at={p.decided_at} /> },
        ]}
      />
    </Section>
  );
}

function Health({ plugin: p }: { plugin: Plugin }) {
  const { t } = useTranslation();
  return (
    <Section title={t('plugins.onThisNode')}>
      <Facts
        facts={[
          { label: t('providers.calls'), value: String(p.calls) },
          { label: t('providers.failures'), value: String(p.failures) },
          { label: t('providers.restarts'), value: String(p.restarts) },
          { label: t('providers.pid'), value: p.pid ? String(p.pid) : undefined },
          { label: t('providers.lastCrash'), value: <BeijingTime at={p.last_crash_at} empty={t('providers.neverCrashed')} /> },
          Boolean(p.violations) && { label: t('plugins.violations'), value: <span className="zg-tone-bad">{t('plugins.violationsOf', { count: p.violations, last: p.last_violation })}</span>, wide: true },
        ]}
      />
    </Section>
  );
}
