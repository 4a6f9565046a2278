import { PlusOutlined } from '@ant-design/icons';
import { Button, Input, Select, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { BeijingTime } from '@/components/BeijingTime';
import { ListPage } from '@/components/ListPage';
import { PermissionGate } from '@/components/PermissionGate';
import { TenantStatus } from '@/components/states';
import type { Schemas } from '@/lib/api/client';
import { useMay } from '@/lib/permissions';
import type { Tenant } from '@/lib/queries';
import { useTenants } from './api';

const statuses: Schemas['TenantStatus'][] = ['onboarding', 'live', 'suspended'];

export default function MerchantsPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const status = statuses.find((s) => s === search.get('status'));
  const text = search.get('search') ?? '';
  const cursor = search.get('cursor') ?? undefined;
  const query = useTenants({ ...(status ? { status } : {}), ...(text ? { search: text } : {}), ...(cursor ? { cursor } : {}) });
  const change = (key: string, value: string | undefined) => {
    const next = new URLSearchParams(search);
    next.delete('cursor');
    if (value) next.set(key, value);
    else next.delete(key);
    setSearch(next);
  };
  const newMerchant = (
    <PermissionGate may="tenants:create">
      <Link to="/merchants/new">
        <Button type="primary" icon={<PlusOutlined aria-hidden="true" />} tabIndex={-1}>
          {t('merchants.new')}
        </Button>
      </Link>
    </PermissionGate>
  );
  return (
    <ListPage<Tenant>
      name="merchants"
      title={t('nav.merchants')}
      lead={t('merchants.lead')}
      actions={newMerchant}
      filters={
        <>
          <Input.Search key={text} className="zg-filter-wide" defaultValue={text} placeholder={t('merchants.search')} aria-label={t('merchants.search')} allowClear maxLength={100} onSearch={(v) => change('search', v.trim())} />
          <Select className="zg-filter" aria-label={t('common.status')} placeholder={t('common.status')} allowClear value={status} onChange={(v) => change('status', v)} options={statuses.map((s) => ({ value: s, label: t(`states.tenant.${s}`) }))} />
        </>
      }
      query={query}
      columns={useColumns()}
      rowKey={(m) => m.id}
      rowLink={(m) => `/merchants/${m.id}`}
      card={(m) => (
        <Link to={`/merchants/${m.id}`}>
          <span className="zg-spread">
            <span className="zg-strong">{m.name}</span>
            <TenantStatus value={m.status} />
          </span>
          <span className="zg-muted zg-small">{m.contact}</span>
        </Link>
      )}
      empty={{ title: t('merchants.empty'), hint: t('merchants.emptyHint'), action: newMerchant }}
      nothing={{ title: t('merchants.emptyFiltered'), names: { search: t('merchants.search'), status: { label: t('common.status'), value: (s) => t(`states.tenant.${s}`, { defaultValue: s }) } } }}
    />
  );
}

function useColumns(): TableColumnsType<Tenant> {
  const { t } = useTranslation();
  const may = useMay();
  return [
    {
      title: t('common.name'),
      key: 'name',
      render: (_, m) => (
        <div className="zg-cell">
          <Link to={`/merchants/${m.id}`}>{m.name}</Link>
          {m.short_name && m.short_name !== m.name && <div className="zg-muted zg-small">{m.short_name}</div>}
        </div>
      ),
    },
    { title: t('merchants.contact'), key: 'contact', ellipsis: true, render: (_, m) => m.contact },
    { title: t('merchants.mode'), key: 'mode', render: (_, m) => (m.test_mode ? t('merchants.testMode') : t('merchants.liveMode')) },
    { title: t('common.createdAt'), key: 'created', render: (_, m) => <BeijingTime at={m.created_at} /> },
    { title: t('common.status'), key: 'status', render: (_, m) => <TenantStatus value={m.status} /> },
    {
      title: <span className="zg-sr-only">{t('common.actions')}</span>,
      key: 'actions',
      align: 'right',
      render: (_, m) => m.status === 'onboarding' && may('accounts:create') && <Link to={`/merchants/${m.id}/onboarding`}>{t('merchants.continue')}</Link>,
    },
  ];
}
