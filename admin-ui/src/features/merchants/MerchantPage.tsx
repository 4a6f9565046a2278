import { Button, Modal, Skeleton } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import { BeijingTime } from '@/components/BeijingTime';
import { CopyText } from '@/components/CopyText';
import { DetailPage } from '@/components/DetailPage';
import { EmptyState } from '@/components/EmptyState';
import { Facts } from '@/components/Facts';
import { Section } from '@/components/Section';
import { TenantStatus } from '@/components/states';
import { useNow } from '@/lib/now';
import { useMay } from '@/lib/permissions';
import { type Tenant, useAccounts, useStores, useTenant } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { AccountsSection } from './AccountsSection';
import { useTenantUsers } from './api';
import { MerchantDetails } from './MerchantDetails';
import { Readiness } from './Readiness';
import { needsOf } from './readiness';
import { StatusDialog } from './StatusDialog';

export default function MerchantPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const { me } = useSession();
  const query = useTenant(id);
  return (
    <DetailPage
      title={query.data?.name ?? t('common.merchant')}
      back={me.platform ? { to: '/merchants', label: t('nav.merchants') } : { to: '/', label: t('nav.home') }}
      query={query}
      status={(m) => <TenantStatus value={m.status} />}
      actions={(m) => <Actions tenant={m} />}
    >
      {(m) => (
        <div className="zg-columns">
          <div className="zg-stack">
            {m.status === 'onboarding' && <Missing tenantId={m.id} />}
            <Section title={t('merchants.particulars')}>
              <Facts
                facts={[
                  { label: t('merchants.name'), value: m.name },
                  { label: t('merchants.shortName'), value: m.short_name },
                  { label: t('merchants.contact'), value: m.contact },
                  { label: t('merchants.mode'), value: m.test_mode ? t('merchants.testMode') : t('merchants.liveMode') },
                  { label: t('common.createdAt'), value: <BeijingTime at={m.created_at} /> },
                  { label: t('merchants.id'), value: <CopyText text={m.id} label={t('merchants.id')} />, wide: true },
                ]}
              />
            </Section>
            <AccountsSection tenantId={m.id} />
          </div>
          <div className="zg-stack">
            <Stores tenantId={m.id} />
            <Users tenantId={m.id} />
          </div>
        </div>
      )}
    </DetailPage>
  );
}

function Actions({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation();
  const may = useMay();
  const { me, tenantId, chooseTenant } = useSession();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<'edit' | 'status' | null>(null);
  const enter = () => {
    chooseTenant(tenant.id);
    void navigate('/');
  };
  return (
    <>
      {tenant.status === 'onboarding' && may('accounts:create') && me.platform && (
        <Link to={`/merchants/${tenant.id}/onboarding`}>
          <Button type="primary" tabIndex={-1}>{t('merchants.continue')}</Button>
        </Link>
      )}
      {me.platform && may('limits:read') && <Link to={`/merchants/${tenant.id}/limits`}><Button tabIndex={-1}>{t('nav.limits')}</Button></Link>}
      {me.platform && may('fees:read') && <Link to={`/merchants/${tenant.id}/fees`}><Button tabIndex={-1}>{t('nav.fees')}</Button></Link>}
      {me.platform && tenantId !== tenant.id && <Button onClick={enter}>{t('merchants.enter')}</Button>}
      {may('tenants:update') && <Button onClick={() => setDialog('edit')}>{t('common.edit')}</Button>}
      {may('tenants:status') && tenant.status !== 'onboarding' && (
        <Button danger={tenant.status === 'live'} onClick={() => setDialog('status')}>
          {tenant.status === 'live' ? t('merchants.suspend') : t('merchants.resume')}
        </Button>
      )}
      <Modal open={dialog === 'edit'} title={t('merchants.edit')} footer={null} onCancel={() => setDialog(null)} destroyOnHidden>
        <MerchantDetails tenant={tenant} submitLabel={t('common.save')} onSaved={() => setDialog(null)} />
      </Modal>
      <StatusDialog tenant={tenant} open={dialog === 'status'} onClose={() => setDialog(null)} />
    </>
  );
}

/** What is missing before the merchant can go live. */
function Missing({ tenantId }: { tenantId: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const users = useTenantUsers(tenantId);
  const accounts = useAccounts(tenantId);
  const now = useNow();
  if (!may('accounts:create') || !users.data || !accounts.data) return null;
  return (
    <Section title={t('onboard.before')}>
      <Readiness tenantId={tenantId} needs={needsOf(users.data, accounts.data[0], now)} />
    </Section>
  );
}

function Stores({ tenantId }: { tenantId: string }) {
  const { t } = useTranslation();
  const query = useStores(tenantId);
  const stores = query.data ?? [];
  return (
    <Section title={t('nav.stores')} flush>
      {query.isLoading ? (
        <Loading />
      ) : stores.length === 0 ? (
        <EmptyState title={t('stores.empty')} />
      ) : (
        <ul className="zg-cards">
          {stores.map((s) => (
            <li key={s.id} className="zg-cards-item">
              <div>
                <span>{s.name}</span>
                {s.code && <span className="zg-mono zg-muted zg-small">{s.code}</span>}
              </div>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Users({ tenantId }: { tenantId: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const query = useTenantUsers(tenantId);
  const users = query.data ?? [];
  if (!may('users:read')) return null;
  return (
    <Section title={t('nav.team')} flush>
      {query.isLoading ? (
        <Loading />
      ) : users.length === 0 ? (
        <EmptyState title={t('team.empty')} />
      ) : (
        <ul className="zg-cards">
          {users.map((u) => (
            <li key={u.id} className="zg-cards-item">
              <div>
                <span>{u.name}</span>
                <span className="zg-muted zg-small">{u.email}</span>
                <span className="zg-muted zg-small">{u.roles.map((r) => t(`roles.${r.role}`)).join(', ')}</span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Loading() {
  return (
    <div className="zg-card-pad" aria-busy="true">
      <Skeleton active title={false} />
    </div>
  );
}
