import { ReloadOutlined } from '@ant-design/icons';
import { Button, Skeleton, Table, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Ago } from '@/components/Ago';
import { Amount } from '@/components/Amount';
import { EmptyState } from '@/components/EmptyState';
import { ErrorSentence } from '@/components/ErrorSentence';
import { PageHead } from '@/components/PageHead';
import { useMerchantNames } from '@/lib/books';
import { useNames } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { usePhone } from '@/lib/viewport';
import { type AccountBalances, payableNow, sumOf, useBalances, useStates } from './api';
import { Condition } from './Condition';

/** What merchants have at their providers: who is short comes first. */
export default function BalancesPage() {
  const { t } = useTranslation();
  const query = useBalances();
  const items = (query.data?.items ?? []).filter(useStates());
  return (
    <div className="zg-page">
      <PageHead
        title={t('nav.balances')}
        lead={t('balances.lead')}
        actions={<Button icon={<ReloadOutlined aria-hidden="true" spin={query.isFetching} />} onClick={() => void query.refetch()}>{t('common.refresh')}</Button>}
      />
      {Boolean(query.error) && <ErrorSentence error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && !query.error && <div className="zg-card zg-card-pad" aria-busy="true"><Skeleton active paragraph={{ rows: 6 }} /></div>}
      {query.data && (
        <div className="zg-card">
          {items.length === 0 ? <EmptyState title={t('balances.empty')} hint={t('balances.emptyHint')} /> : <Accounts items={items} />}
        </div>
      )}
      {query.data?.more && <p className="zg-muted">{t('balances.more')}</p>}
    </div>
  );
}

function Accounts({ items }: { items: AccountBalances[] }) {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const names = useNames();
  const merchant = useMerchantNames(!tenantId);
  const phone = usePhone();
  const money = (fen: number | undefined) => (fen === undefined ? <span className="zg-muted">{t('balances.notStated')}</span> : <Amount fen={fen} muted={fen === 0} />);
  const whose = (a: AccountBalances) => [tenantId ? '' : (merchant(a.tenant_id) ?? a.tenant_id.slice(-6)), names.provider(a.provider)].filter(Boolean).join(' · ');
  if (phone) {
    return (
      <ul className="zg-cards" aria-label={t('nav.balances')}>
        {items.map((a) => (
          <li key={a.account_id} className="zg-cards-item">
            <Link to={`/balances/${a.account_id}`}>
              <span className="zg-spread"><span className="zg-strong zg-clip">{a.name}</span>{money(sumOf(a, 'available'))}</span>
              <span className="zg-spread zg-small"><span className="zg-muted zg-clip">{whose(a)}</span><Condition value={a} /></span>
              <span className="zg-spread zg-small zg-muted"><span>{t('balances.payableNow')} {money(payableNow(a))}</span><Ago at={a.taken_at} /></span>
            </Link>
          </li>
        ))}
      </ul>
    );
  }
  const columns: TableColumnsType<AccountBalances> = [
    { title: t('balances.account'), key: 'account', render: (_, a) => <div className="zg-cell"><Link to={`/balances/${a.account_id}`}>{a.name}</Link><div className="zg-muted zg-small">{whose(a)}</div></div> },
    { title: t('balances.available'), key: 'available', align: 'right', render: (_, a) => money(sumOf(a, 'available')) },
    { title: t('balances.payableNow'), key: 'payable', align: 'right', render: (_, a) => money(payableNow(a)) },
    { title: t('balances.pending'), key: 'pending', align: 'right', render: (_, a) => money(sumOf(a, 'pending')) },
    { title: t('balances.advance'), key: 'advance', align: 'right', render: (_, a) => money(sumOf(a, 'advance')) },
    { title: t('balances.frozen'), key: 'frozen', align: 'right', render: (_, a) => money(sumOf(a, 'frozen')) },
    { title: t('common.status'), key: 'state', render: (_, a) => <Condition value={a} /> },
    { title: t('balances.taken'), key: 'taken', render: (_, a) => <Ago at={a.taken_at} /> },
  ];
  return <Table<AccountBalances> aria-label={t('nav.balances')} columns={columns} dataSource={items} rowKey={(a) => a.account_id} pagination={items.length > 50 ? { pageSize: 50, showSizeChanger: false } : false} scroll={{ x: 'max-content' }} />;
}
