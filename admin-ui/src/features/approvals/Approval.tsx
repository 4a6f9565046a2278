import { useTranslation } from 'react-i18next';
import { Actor } from '@/components/Actor';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { type Fact, Facts } from '@/components/Facts';
import { ObjectLink, pageOf } from '@/components/ObjectLink';
import { StatusTag } from '@/components/StatusTag';
import { useNames } from '@/lib/queries';
import type { Approval } from './api';

/** How many of the people who must agree have done so. */
export function Agreed({ approval: a }: { approval: Approval }) {
  const { t } = useTranslation();
  return <span className="zg-figures">{t('approvals.agreedOf', { count: a.decisions.filter((d) => d.agree).length, needed: a.needed })}</span>;
}

// Sums in fen in the summaries.
const sums = new Set(['paid', 'refunded', 'amount', 'fee', 'total', 'sum']);

/** What the maker's request is about, as the second person must see it. Names and values are those of the summary. */
export function Summary({ approval: a }: { approval: Approval }) {
  const { t } = useTranslation();
  const names = useNames();
  const value = (name: string, v: unknown): Fact['value'] => {
    if (typeof v === 'number') return sums.has(name) ? <Amount fen={v} /> : String(v);
    if (typeof v === 'boolean') return t(v ? 'approvals.yes' : 'approvals.no');
    if (typeof v !== 'string' || v === '') return undefined;
    if (name === 'provider') return names.provider(v);
    if (pageOf(v)) return <ObjectLink id={v} />;
    return t(`approvals.values.${v}`, { defaultValue: v });
  };
  const facts = Object.entries(a.summary).map(([name, v]): Fact => ({ label: t(`approvals.summary.${name}`, { defaultValue: name }), value: value(name, v) }));
  return <Facts facts={[{ label: t('approvals.object'), value: <ObjectLink id={a.object_id} /> }, ...facts]} />;
}

/** Who has answered what. */
export function Decisions({ approval: a }: { approval: Approval }) {
  const { t } = useTranslation();
  if (a.decisions.length === 0) return <p className="zg-muted">{t('approvals.nobodyYet')}</p>;
  return (
    <ol className="zg-timeline" data-testid="decisions">
      {a.decisions.map((d) => (
        <li key={d.actor} className={`zg-timeline-item zg-timeline-${d.agree ? 'good' : 'bad'}`}>
          <div className="zg-timeline-title">
            <span>
              <span className="zg-strong"><Actor actor={d.actor} tenant={a.tenant_id} /></span> <StatusTag tone={d.agree ? 'good' : 'bad'}>{t(d.agree ? 'approvals.agreed' : 'approvals.refused')}</StatusTag>
            </span>
            <span className="zg-muted zg-small"><BeijingTime at={d.at} /></span>
          </div>
          {d.note && <p>{d.note}</p>}
        </li>
      ))}
    </ol>
  );
}
