import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Actor } from '@/components/Actor';
import { BeijingTime } from '@/components/BeijingTime';
import { Section } from '@/components/Section';
import type { Tone } from '@/components/StatusTag';
import { useMay } from '@/lib/permissions';
import type { DifferenceDetail } from './api';

interface Entry {
  key: string;
  at: string;
  tone: Tone;
  title: ReactNode;
  actor?: string;
  note?: string;
}

/** What happened to a difference, oldest first: found, corrections asked for and decided, ended. */
export function History({ detail: x }: { detail: DifferenceDetail }) {
  const { t } = useTranslation();
  const may = useMay();
  const d = x.difference;
  return (
    <Section title={t('timeline.title')} extra={may('audit:read') && <Link to={`/audit?object=${d.id}`}>{t('differences.audit')}</Link>}>
      <ol className="zg-timeline" data-testid="history">
        {useEntries(x).map((e) => (
          <li key={e.key} className={`zg-timeline-item zg-timeline-${e.tone}`}>
            <div className="zg-timeline-title">
              <span className="zg-strong">{e.title}</span>
              <span className="zg-muted zg-small"><BeijingTime at={e.at} /></span>
            </div>
            {e.actor && <p className="zg-muted zg-small"><Actor actor={e.actor} tenant={d.tenant_id} /></p>}
            {e.note && <p>{e.note}</p>}
          </li>
        ))}
      </ol>
    </Section>
  );
}

function useEntries({ difference: d, approvals }: DifferenceDetail): Entry[] {
  const { t } = useTranslation();
  const entries: Entry[] = [{ key: 'found', at: d.found_at, tone: 'bad', title: t('differences.history.found') }];
  for (const a of approvals) {
    entries.push({ key: `${a.id} asked`, at: a.created_at, tone: 'waiting', title: <Link to={`/approvals/${a.id}`}>{t('differences.history.asked')}</Link>, actor: a.made_by, note: a.note });
    if (a.decided_at) entries.push({ key: `${a.id} decided`, at: a.decided_at, tone: a.state === 'approved' ? 'good' : 'over', title: t('differences.history.decided', { state: t(`states.approval.${a.state}`) }), actor: a.decisions.at(-1)?.actor, note: a.decisions.at(-1)?.note });
  }
  if (d.resolved_at) entries.push({ key: 'ended', at: d.resolved_at, tone: d.state === 'gone' ? 'over' : 'good', title: t('differences.history.ended', { state: t(`differences.states.${d.state}`) }), actor: d.resolved_by, note: d.remark });
  return entries.toSorted((a, b) => a.at.localeCompare(b.at));
}
