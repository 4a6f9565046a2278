import { PlusOutlined } from '@ant-design/icons';
import { Button, Drawer, Skeleton } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Actor } from '@/components/Actor';
import { BeijingTime } from '@/components/BeijingTime';
import { EmptyState } from '@/components/EmptyState';
import { ErrorSentence } from '@/components/ErrorSentence';
import { Facts } from '@/components/Facts';
import { Section } from '@/components/Section';
import { AccountStatus } from '@/components/states';
import { maskedKey } from '@/lib/masked';
import { useMay } from '@/lib/permissions';
import { type Account, useAccounts, useNames, useProviders } from '@/lib/queries';
import { inLanguage, schemaFields } from '@/lib/schema';
import { AccountForm } from './AccountForm';
import { AccountTest } from './AccountTest';
import { useAccountStatus } from './api';
import { CallbackAddresses } from './CallbackAddresses';

/** A merchant's contracts with providers: keys masked, tests, switching on and off. */
export function AccountsSection({ tenantId }: { tenantId: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const accounts = useAccounts(tenantId);
  const [editing, setEditing] = useState<Account | 'new' | null>(null);
  if (!may('accounts:read')) return null;
  const rows = accounts.data ?? [];
  return (
    <Section
      title={t('account.title')}
      extra={
        may('accounts:create') && (
          <Button icon={<PlusOutlined aria-hidden="true" />} onClick={() => setEditing('new')}>
            {t('account.add')}
          </Button>
        )
      }
    >
      {accounts.error && <ErrorSentence error={accounts.error} onRetry={() => void accounts.refetch()} />}
      {accounts.isLoading && <div aria-busy="true"><Skeleton active title={false} /></div>}
      {rows.length === 0 && accounts.data && <EmptyState title={t('account.empty')} hint={t('account.emptyHint')} />}
      <div className="zg-stack">
        {rows.map((a) => (
          <AccountCard key={a.id} tenantId={tenantId} account={a} onEdit={() => setEditing(a)} />
        ))}
      </div>
      <Drawer open={editing !== null} size={560} title={editing === 'new' ? t('account.add') : t('account.edit')} onClose={() => setEditing(null)} destroyOnHidden mask={{ closable: false }}>
        {editing && <AccountForm tenantId={tenantId} account={editing === 'new' ? undefined : editing} submitLabel={t('common.save')} onCreated={setEditing} onSaved={() => setEditing(null)} />}
      </Drawer>
    </Section>
  );
}

function AccountCard({ tenantId, account: a, onEdit }: { tenantId: string; account: Account; onEdit: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const names = useNames();
  const status = useAccountStatus(tenantId);
  return (
    <article className="zg-once zg-stack" data-testid="account">
      <div className="zg-spread zg-wrap">
        <div>
          <div className="zg-row">
            <h3 className="zg-strong">{a.name}</h3>
            <AccountStatus value={a.status} />
          </div>
          <div className="zg-muted">
            {names.provider(a.provider)}
            {a.default && ` · ${t('account.isDefault')}`}
          </div>
        </div>
        <div className="zg-actions">
          {may('accounts:update') && may('accounts:credentials') && <Button onClick={onEdit}>{t('common.edit')}</Button>}
          {may('accounts:status') && (
            <Button loading={status.isPending} onClick={() => status.mutate({ accountId: a.id, status: a.status === 'live' ? 'disabled' : 'live' })}>
              {a.status === 'live' ? t('account.disable') : t('account.enable')}
            </Button>
          )}
        </div>
      </div>
      {status.error && <ErrorSentence error={status.error} />}
      <Credentials account={a} />
      <Facts
        facts={[
          { label: t('account.keyVersion'), value: a.key_version === 0 ? t('account.noKeys') : String(a.key_version) },
          { label: t('account.checkedAt'), value: <BeijingTime at={a.checked_at} empty={t('account.neverChecked')} /> },
          { label: t('account.checkError'), value: a.check_error && <CheckError said={a.check_error} />, wide: true },
          { label: t('account.checkedInAt'), value: a.checked_in_at && <BeijingTime at={a.checked_in_at} /> },
          { label: t('account.checkInFailure'), value: a.check_in_failure, wide: true },
          { label: t('account.baseUrl'), value: a.base_url && <span className="zg-mono">{a.base_url}</span>, wide: true },
        ]}
      />
      <CallbackAddresses account={a} />
      {may('accounts:test') && <AccountTest tenantId={tenantId} accountId={a.id} />}
    </article>
  );
}

/** What the last test found wrong: at which step, and what it said, which is kept in English. */
function CheckError({ said }: { said: string }) {
  const { t } = useTranslation();
  const [step = '', ...rest] = said.split(': ');
  const name = t(`account.testStep.${step}`, { defaultValue: '' });
  return name && rest.length > 0 ? <>{t('account.stepFailed', { step: name })} <span className="zg-muted">{rest.join(': ')}</span></> : <>{said}</>;
}

function Credentials({ account }: { account: Account }) {
  const { t, i18n } = useTranslation();
  const manifest = useProviders().data?.find((p) => p.id === account.provider)?.manifest;
  const labels = new Map(schemaFields(manifest?.credentials_schema).map((f) => [f.name, inLanguage(f.label, i18n.language)]));
  if (account.credentials.length === 0) return null;
  return (
    <dl className="zg-facts">
      {account.credentials.map((c) => (
        <div key={c.name} className="zg-fact">
          <dt>{labels.get(c.name) ?? c.name}</dt>
          <dd className="zg-mono">{c.fingerprint || maskedKey(t, c.display)}</dd>
          <dd className="zg-muted zg-small"><Actor actor={c.set_by} tenant={account.tenant_id} /> {t('account.setAt')} <BeijingTime at={c.set_at} /></dd>
        </div>
      ))}
    </dl>
  );
}
