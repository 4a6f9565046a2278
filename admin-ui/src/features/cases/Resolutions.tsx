import { useTranslation } from 'react-i18next';
import { Actor } from '@/components/Actor';
import { ApprovalNote } from '@/components/ApprovalNote';
import { BeijingTime } from '@/components/BeijingTime';
import { Section } from '@/components/Section';
import { StatusTag, type Tone } from '@/components/StatusTag';
import { useMay } from '@/lib/permissions';
import { type CaseDetail, useApprovalOf } from './api';

const tones: Record<string, Tone> = { pending: 'waiting', refused: 'bad', overtaken: 'over', applied: 'busy', confirmed: 'good', corrected: 'bad', disputed: 'bad' };

/** What people decided about an order, upon which evidence, and what the provider said to it. */
export function Resolutions({ detail: d }: { detail: CaseDetail }) {
  const { t } = useTranslation();
  const may = useMay();
  const pending = d.resolutions.find((r) => r.state === 'pending');
  const approval = useApprovalOf(pending, d.case.tenant_id, may('approvals:read')).data;
  if (d.resolutions.length === 0) return null;
  return (
    <>
      {approval && <ApprovalNote approval={approval} />}
      <Section title={t('cases.decisions')} flush testId="resolutions">
        <ul className="zg-cards">
          {d.resolutions.map((r) => (
            <li key={r.id} className="zg-cards-item">
              <div>
                <span className="zg-spread zg-wrap">
                  <span className="zg-strong">{t(`cases.outcomes.${r.outcome}`)}</span>
                  <StatusTag tone={tones[r.state] ?? 'over'} testId="resolution-status">{t(`cases.decided.${r.state}`, { defaultValue: r.state })}</StatusTag>
                </span>
                <span>{t('cases.evidence', { number: r.evidence_no })}</span>
                <span>{r.note}</span>
                {r.provider_say && <span className="zg-tone-bad">{t('cases.providerSays', { state: t(`states.${d.case.object_kind}.${r.provider_say}`, { defaultValue: r.provider_say }) })}</span>}
                <span className="zg-spread zg-muted zg-small"><Actor actor={r.made_by} tenant={d.case.tenant_id} /><BeijingTime at={r.created_at} /></span>
              </div>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}
