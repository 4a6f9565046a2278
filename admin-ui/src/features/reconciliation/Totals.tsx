import { useTranslation } from 'react-i18next';
import { Amount } from '@/components/Amount';
import { EmptyState } from '@/components/EmptyState';
import { Section } from '@/components/Section';
import type { Schemas } from '@/lib/api/client';
import type { Day, Total } from './api';

const order: Schemas['MovementKind'][] = ['payment', 'reversal', 'refund', 'payout', 'fee'];

interface Line {
  kind: Schemas['MovementKind'];
  method?: string;
  ours?: Total;
  theirs?: Total;
}

/** Both sides' sums, a line for each kind of movement. */
export function linesOf(day: Pick<Day, 'ours' | 'theirs'>): Line[] {
  const lines = new Map<string, Line>();
  for (const side of ['ours', 'theirs'] as const) {
    for (const total of day[side]) {
      const key = `${order.indexOf(total.kind)} ${total.method ?? ''}`;
      const line = lines.get(key) ?? { kind: total.kind, ...(total.method ? { method: total.method } : {}) };
      lines.set(key, { ...line, [side]: total });
    }
  }
  return [...lines].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
}

/** Whether the two sides of a line say the same. */
export function agrees({ ours, theirs }: Line): boolean {
  return (ours?.count ?? 0) === (theirs?.count ?? 0) && (ours?.amount ?? 0) === (theirs?.amount ?? 0);
}

/** The day in sums: ours and the provider's beside each other. */
export function Totals({ day }: { day: Day }) {
  const { t } = useTranslation();
  const lines = linesOf(day);
  if (lines.length === 0) return <Section title={t('reconciliation.totals')}><EmptyState title={t(day.run > 0 ? 'reconciliation.noTotals' : 'reconciliation.notYet')} /></Section>;
  return (
    <Section title={t('reconciliation.totals')} flush>
      <div className="zg-grid-scroll" role="group" aria-label={t('reconciliation.totals')} tabIndex={0}>
        <table className="zg-sides" data-testid="totals">
          <thead>
            <tr>
              <th scope="col">{t('reconciliation.movement')}</th>
              <th scope="col">{t('reconciliation.ours')}</th>
              <th scope="col">{t('reconciliation.theirs')}</th>
              <th scope="col">{t('reconciliation.gap')}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={`${line.kind} ${line.method ?? ''}`} data-agrees={agrees(line)}>
                <th scope="row">
                  {t(`reconciliation.movements.${line.kind}`)}
                  {line.method && <span className="zg-muted zg-small zg-mono"> {line.method}</span>}
                </th>
                <td><Sum total={line.ours} /></td>
                <td><Sum total={line.theirs} /></td>
                <td>{agrees(line) ? <span className="zg-tone-good">{t('reconciliation.agree')}</span> : <span className="zg-tone-bad zg-strong"><Amount fen={(line.ours?.amount ?? 0) - (line.theirs?.amount ?? 0)} /></span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Sum({ total }: { total: Total | undefined }) {
  const { t } = useTranslation();
  if (!total) return <span className="zg-muted">{t('reconciliation.nothing')}</span>;
  return (
    <>
      <Amount fen={total.amount} />
      <div className="zg-muted zg-small zg-figures">
        {t('reconciliation.count', { count: total.count })}
        {total.fee !== 0 && <> · {t('reconciliation.fee')} <Amount fen={total.fee} muted /></>}
      </div>
    </>
  );
}
