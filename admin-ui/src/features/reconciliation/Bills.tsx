import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { BeijingTime } from '@/components/BeijingTime';
import { EmptyState } from '@/components/EmptyState';
import { Section } from '@/components/Section';
import { providerSaid } from '@/lib/providerSaid';
import type { Bill, DayDetail } from './api';
import { BillStatus } from './states';

/** The provider's side: which bills there are, how they were come by, and which count. */
export function Bills({ detail: { day, bills } }: { detail: DayDetail }) {
  const { t } = useTranslation();
  return (
    <Section title={t('reconciliation.bills')} flush testId="bills" extra={<span className="zg-muted zg-small">{t('common.timesAreBeijing')}</span>}>
      {bills.length === 0 ? (
        <EmptyState title={t('reconciliation.noBill')} hint={day.reason && t(`reconciliation.reasons.${day.reason}`, { defaultValue: '' })} />
      ) : (
        <ul className="zg-cards">
          {bills.map((bill) => <li key={bill.id} className="zg-cards-item"><Line bill={bill} day={day.id} /></li>)}
        </ul>
      )}
    </Section>
  );
}

function Line({ bill, day }: { bill: Bill; day: string }) {
  const { t } = useTranslation();
  const said = providerSaid(bill);
  return (
    <div>
      <span className="zg-spread zg-wrap">
        <span>
          <span className="zg-strong">{t(`reconciliation.sources.${bill.source}`)}</span> {bill.scope && <span className="zg-muted zg-mono">{bill.scope}</span>}
        </span>
        <BillStatus value={bill.state} />
      </span>
      <span className="zg-muted zg-small">{t(`reconciliation.sourceHints.${bill.source}`)}</span>
      <span className="zg-spread zg-wrap zg-small">
        <span className="zg-figures">
          {bill.source === 'query' ? t('reconciliation.askedOf', { asked: bill.asked, unanswered: bill.unanswered }) : bill.source !== 'totals' && t('reconciliation.lines', { count: bill.lines })}
        </span>
        <BeijingTime at={bill.superseded_at ?? bill.ready_at ?? bill.created_at} />
      </span>
      {said && <span className="zg-muted zg-small">{t('timeline.providerSaid', { said })}</span>}
      {bill.lines > 0 && bill.state === 'ready' && <Link to={`/bills/${bill.id}?day=${day}`}>{t('reconciliation.readLines')}</Link>}
    </div>
  );
}
