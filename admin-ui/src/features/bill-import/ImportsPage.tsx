import { Button, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Actor } from '@/components/Actor';
import { BeijingTime } from '@/components/BeijingTime';
import { ListPage } from '@/components/ListPage';
import { PermissionGate } from '@/components/PermissionGate';
import { TenantOnly } from '@/components/TenantOnly';
import { useAccountsOf } from '@/lib/books';
import { useNames } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { type Import, useImports } from './api';
import { ImportStatus } from './ImportStatus';

/** The bill files that people brought, and what came of them. */
export default function ImportsPage() {
  return <TenantOnly><Imports /></TenantOnly>;
}

function Imports() {
  const { t } = useTranslation();
  const { search } = useFilters();
  const newOne = <Link to="/bill-imports/new"><Button type="primary" tabIndex={-1}>{t('billImport.new')}</Button></Link>;
  return (
    <ListPage<Import>
      name="bill-imports"
      title={t('billImport.title')}
      lead={t('billImport.lead')}
      actions={
        <>
          <Link to="/bill-imports/mappings"><Button tabIndex={-1}>{t('billImport.mappings')}</Button></Link>
          <PermissionGate may="bills:import">{newOne}</PermissionGate>
        </>
      }
      query={useImports(search)}
      rowKey={(i) => i.id}
      rowLink={(i) => `/bill-imports/${i.id}`}
      columns={useColumns()}
      card={(i) => <Card value={i} />}
      empty={{ title: t('billImport.empty'), hint: t('billImport.emptyHint') }}
    />
  );
}

function useColumns(): TableColumnsType<Import> {
  const { t } = useTranslation();
  const names = useNames();
  const { tenantId } = useSession();
  const accounts = useAccountsOf(tenantId ? [tenantId] : []);
  return [
    { title: t('billImport.file'), key: 'file', render: (_, i) => <Link to={`/bill-imports/${i.id}`}>{i.file_name}</Link> },
    { title: t('reconciliation.day'), key: 'day', width: 130, render: (_, i) => <span className="zg-figures">{i.day}</span> },
    {
      title: t('callbacks.account'),
      key: 'account',
      width: 190,
      render: (_, i) => (
        <div className="zg-cell">
          <div>{accounts.find((a) => a.id === i.account_id)?.name}</div>
          <div className="zg-muted zg-small">{names.provider(i.provider)}</div>
        </div>
      ),
    },
    { title: t('billImport.rows'), key: 'rows', width: 110, align: 'right', render: (_, i) => <span className="zg-figures">{i.rows.toLocaleString('en-US')}</span> },
    {
      title: t('common.createdAt'),
      key: 'created',
      width: 190,
      render: (_, i) => (
        <div className="zg-cell">
          <BeijingTime at={i.created_at} />
          <div className="zg-muted zg-small"><Actor actor={i.created_by} tenant={i.tenant_id} /></div>
        </div>
      ),
    },
    { title: t('common.status'), key: 'state', width: 140, render: (_, i) => <ImportStatus value={i.state} /> },
  ];
}

function Card({ value: i }: { value: Import }) {
  return (
    <Link to={`/bill-imports/${i.id}`}>
      <span className="zg-spread"><span className="zg-strong">{i.file_name}</span><ImportStatus value={i.state} /></span>
      <span className="zg-spread zg-muted zg-small"><span className="zg-figures">{i.day}</span><BeijingTime at={i.created_at} /></span>
    </Link>
  );
}
