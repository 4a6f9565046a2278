import type { TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearchParams } from 'react-router';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { ListPage } from '@/components/ListPage';
import { StatusTag } from '@/components/StatusTag';
import { outcomeTone } from '@/components/states';
import { type BillLine, useBillLines } from './api';

/** What a bill says, line by line and in its own order. */
export default function BillPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const [search] = useSearchParams();
  const query = useBillLines(id, search.get('cursor') ?? undefined);
  const day = search.get('day');
  return (
    <ListPage<BillLine>
      name="bill-lines"
      title={t('reconciliation.billTitle')}
      lead={t('reconciliation.billLead')}
      actions={day && <Link to={`/reconciliation/${day}`}>{t('reconciliation.backToDay')}</Link>}
      query={query}
      rowKey={(l) => String(l.line)}
      columns={useColumns()}
      card={(l) => <Card line={l} />}
      empty={{ title: t('reconciliation.billEmpty'), hint: t('reconciliation.billEmptyHint') }}
    />
  );
}

function Outcome({ line }: { line: BillLine }) {
  const { t } = useTranslation();
  return <StatusTag tone={outcomeTone(line.outcome)}>{t(`timeline.outcomes.${line.outcome}`, { defaultValue: line.outcome })}</StatusTag>;
}

function useColumns(): TableColumnsType<BillLine> {
  const { t } = useTranslation();
  const none = <span className="zg-muted">{t('common.none')}</span>;
  return [
    { title: t('reconciliation.line'), key: 'line', width: 90, render: (_, l) => <span className="zg-figures">{l.line}</span> },
    { title: t('reconciliation.movement'), key: 'kind', width: 100, render: (_, l) => t(`reconciliation.movements.${l.kind}`) },
    {
      title: t('reconciliation.numbers'),
      key: 'numbers',
      render: (_, l) => (
        <div className="zg-cell">
          <div className="zg-mono">{l.number || <span className="zg-muted">{t('reconciliation.notOurs')}</span>}</div>
          <div className="zg-mono zg-muted zg-small">{l.provider_number}</div>
        </div>
      ),
    },
    { title: t('reconciliation.movedAt'), key: 'at', width: 180, render: (_, l) => (l.at ? <BeijingTime at={l.at} /> : none) },
    { title: t('orders.amount'), key: 'amount', align: 'right', width: 140, render: (_, l) => <Amount fen={l.amount} /> },
    { title: t('reconciliation.fee'), key: 'fee', align: 'right', width: 110, render: (_, l) => (l.fee === undefined ? none : <Amount fen={l.fee} />) },
    {
      title: t('common.status'),
      key: 'status',
      width: 160,
      render: (_, l) => (
        <div className="zg-cell">
          <Outcome line={l} />
          <div className="zg-muted zg-small">{[l.status, l.method].filter(Boolean).join(' · ')}</div>
        </div>
      ),
    },
  ];
}

function Card({ line: l }: { line: BillLine }) {
  const { t } = useTranslation();
  return (
    <div>
      <span className="zg-spread"><span>{t(`reconciliation.movements.${l.kind}`)} <Amount fen={l.amount} /></span><Outcome line={l} /></span>
      <span className="zg-mono zg-small">{l.number || t('reconciliation.notOurs')}</span>
      <span className="zg-mono zg-muted zg-small">{l.provider_number}</span>
      <span className="zg-muted zg-small"><BeijingTime at={l.at} /></span>
    </div>
  );
}
