import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Ago } from '@/components/Ago';
import { Amount } from '@/components/Amount';
import { PaymentStatus } from '@/components/states';
import type { Payment } from '@/lib/queries';
import { usePhone } from '@/lib/viewport';

const SHOWN = 3;
// A phone's screen is the till's own.
const SHOWN_ON_PHONE = 1;

/** What was taken here and has no end yet. It stays in sight while others are served. */
export function Unfinished({ payments }: { payments: Payment[] }) {
  const { t } = useTranslation();
  const shown = usePhone() ? SHOWN_ON_PHONE : SHOWN;
  if (payments.length === 0) return null;
  return (
    <section className="zg-unfinished" aria-label={t('till.unfinished')} data-testid="unfinished">
      <p className="zg-strong">{t('till.unfinishedCount', { count: payments.length })}</p>
      <ul>
        {payments.slice(0, shown).map((p) => (
          <li key={p.id}>
            <Link to={`/orders/${p.id}`}>
              <Amount fen={p.amount} /> <PaymentStatus value={p} /> <Ago at={p.created_at} />
            </Link>
          </li>
        ))}
      </ul>
      {payments.length > shown && <Link to="/orders?unknown=true">{t('till.unfinishedAll')}</Link>}
    </section>
  );
}
