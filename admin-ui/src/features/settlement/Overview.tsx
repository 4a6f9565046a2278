import { useTranslation } from 'react-i18next';
import { Amount } from '@/components/Amount';
import { Chart } from '@/components/Chart';
import { ErrorSentence } from '@/components/ErrorSentence';
import { Section } from '@/components/Section';
import { useAccountsOf } from '@/lib/books';
import { formatFen, shortFen } from '@/lib/money';
import { useNames } from '@/lib/queries';
import { type Line, type Sum, type settlementFrom, useSettlement } from './api';

type Moved = Pick<Sum, 'paid' | 'refunded' | 'fees' | 'net'>;

/** Lines added up by a word of theirs. */
export function sumsBy(lines: Line[], key: (l: Line) => string): [string, Moved][] {
  const sums = new Map<string, Moved>();
  for (const l of lines) {
    const s = sums.get(key(l)) ?? { paid: 0, refunded: 0, fees: 0, net: 0 };
    sums.set(key(l), { paid: s.paid + l.paid, refunded: s.refunded + l.refunded, fees: s.fees + l.fees, net: s.net + l.net });
  }
  return [...sums];
}

/** The same sums to look at: day by day, and by provider. */
export function Overview({ asked }: { asked: ReturnType<typeof settlementFrom> }) {
  const { t, i18n } = useTranslation();
  const query = useSettlement({ ...asked, by: 'account' });
  const lines = query.data?.items ?? [];
  const days = sumsBy(lines, (l) => l.day).toSorted(([a], [b]) => a.localeCompare(b));
  const values = (of: (s: Moved) => number) => days.map(([, s]) => of(s));
  if (query.error && !query.data) return <ErrorSentence error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data && lines.length === 0) return null;
  return (
    <div className="zg-columns">
      <Section title={t('settlement.byDay')} testId="settlement-days">
        <Chart
          title={t('settlement.byDay')} labelsAre={t('reconciliation.day')} loading={query.isPending} labels={days.map(([day]) => day)} format={formatFen} short={shortFen(i18n.language)}
          series={[
            { name: t('settlement.paid'), tone: 'first', kind: 'bar', values: values((s) => s.paid) },
            { name: t('settlement.refunded'), tone: 'third', kind: 'bar', values: values((s) => s.refunded) },
            { name: t('settlement.fees'), tone: 'bad', kind: 'bar', values: values((s) => s.fees) },
            { name: t('settlement.net'), tone: 'second', kind: 'line', values: values((s) => s.net) },
          ]}
        />
      </Section>
      <Section title={t('settlement.byProvider')} testId="settlement-providers">
        <Providers lines={lines} />
      </Section>
    </div>
  );
}

function Providers({ lines }: { lines: Line[] }) {
  const { t } = useTranslation();
  const names = useNames();
  const accounts = useAccountsOf([...new Set(lines.map((l) => l.tenant_id))].toSorted());
  const provider = (l: Line) => accounts.find((a) => a.id === l.account_id)?.provider ?? '';
  const rows = sumsBy(lines, provider).toSorted(([, a], [, b]) => b.paid - a.paid);
  return (
    <ul className="zg-stack">
      {rows.map(([id, s]) => (
        <li key={id} className="zg-stack-tight">
          <span className="zg-spread"><span className="zg-strong">{id ? names.provider(id) : t('settlement.otherProvider')}</span><Amount fen={s.net} /></span>
          <span className="zg-muted zg-small">
            {t('settlement.paid')} <Amount fen={s.paid} muted /> · {t('settlement.refunded')} <Amount fen={s.refunded} muted /> · {t('settlement.fees')} <Amount fen={s.fees} muted />
          </span>
        </li>
      ))}
    </ul>
  );
}
