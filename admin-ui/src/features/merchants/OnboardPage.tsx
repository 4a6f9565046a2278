import { Button, Skeleton, Steps } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { ErrorSentence } from '@/components/ErrorSentence';
import { PageHead } from '@/components/PageHead';
import { Section } from '@/components/Section';
import type { Schemas } from '@/lib/api/client';
import { useNow } from '@/lib/now';
import { type Account, useAccounts, useTenant } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { usePhone } from '@/lib/viewport';
import { AccountForm } from './AccountForm';
import { AccountTest } from './AccountTest';
import { useAccountStatus, useTenantStatus, useTenantUsers } from './api';
import { CallbackAddresses } from './CallbackAddresses';
import { FirstUser } from './FirstUser';
import { MerchantDetails } from './MerchantDetails';
import { Readiness } from './Readiness';
import { needsOf, tested } from './readiness';

const steps = ['details', 'user', 'account', 'test', 'live'] as const;
type Step = (typeof steps)[number];

/** Everything a merchant needs before its first payment, step by step. A merchant half done is gone on with. */
export default function OnboardPage() {
  const { t } = useTranslation();
  const { id } = useParams();
  const phone = usePhone();
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const tenant = useTenant(id);
  const users = useTenantUsers(id);
  const accounts = useAccounts(id);
  const account = accounts.data?.find((a) => a.id === search.get('account')) ?? accounts.data?.[0];

  const loading = Boolean(id) && (tenant.isPending || users.isLoading || accounts.isLoading);
  const asked = steps.find((s) => s === search.get('step'));
  const step: Step = !id ? 'details' : (asked ?? firstOpen(users.data?.length ?? 0, account));
  const go = (next: Step) => setSearch({ step: next });

  return (
    <div className="zg-page zg-narrow">
      <PageHead title={tenant.data ? t('onboard.titleOf', { name: tenant.data.name }) : t('onboard.title')} lead={t('onboard.lead')} back={{ to: '/merchants', label: t('nav.merchants') }} />
      <Steps
        current={steps.indexOf(step)}
        size="small"
        orientation={phone ? 'vertical' : 'horizontal'}
        onChange={id ? (n) => go(steps[n]!) : undefined}
        items={steps.map((s) => ({ title: t(`onboard.step.${s}`) }))}
      />
      {tenant.error && <ErrorSentence error={tenant.error} onRetry={() => void tenant.refetch()} />}
      {loading ? (
        <div className="zg-card zg-card-pad" aria-busy="true"><Skeleton active /></div>
      ) : (
        <Section title={t(`onboard.step.${step}`)} testId={`step-${step}`}>
          <p className="zg-muted zg-modal-lead">{t(`onboard.hint.${step}`)}</p>
          {step === 'details' && (
            <MerchantDetails
              tenant={tenant.data}
              submitLabel={t('common.next')}
              onSaved={(saved) => void navigate(`/merchants/${saved.id}/onboarding?step=user`, { replace: true })}
            />
          )}
          {id && step === 'user' && <FirstUser tenantId={id} users={users.data ?? []} onDone={() => go('account')} />}
          {id && step === 'account' && (
            <AccountForm key={search.get('account') ?? 'own'} tenantId={id} account={account} submitLabel={t('common.next')} onSaved={() => go('test')} />
          )}
          {id && step === 'test' && <Test tenantId={id} account={account} onBack={() => go('account')} onPassed={() => go('live')} />}
          {id && step === 'live' && <GoLive tenantId={id} users={users.data ?? []} account={account} live={tenant.data?.status === 'live'} onBack={() => go('test')} />}
        </Section>
      )}
    </div>
  );
}

function firstOpen(users: number, account: Account | undefined): Step {
  if (users === 0) return 'user';
  if (!account || account.key_version === 0) return 'account';
  return tested(account) ? 'live' : 'test';
}

function Test({ tenantId, account, onBack, onPassed }: { tenantId: string; account?: Account; onBack: () => void; onPassed: () => void }) {
  const { t } = useTranslation();
  if (!account) return <Button onClick={onBack}>{t('onboard.backToAccount')}</Button>;
  const passed = tested(account);
  return (
    <div className="zg-stack">
      <AccountTest tenantId={tenantId} accountId={account.id} primary={!passed} />
      <CallbackAddresses account={account} />
      <div className="zg-actions">
        <Button onClick={onBack}>{t('common.back')}</Button>
        <Button type={passed ? 'primary' : 'default'} disabled={!passed} onClick={onPassed} data-testid="onboard-next">
          {t('common.next')}
        </Button>
      </div>
    </div>
  );
}

function GoLive({ tenantId, users, account, live, onBack }: { tenantId: string; users: Schemas['User'][]; account?: Account; live: boolean; onBack: () => void }) {
  const { t } = useTranslation();
  const { chooseTenant } = useSession();
  const navigate = useNavigate();
  const accountStatus = useAccountStatus(tenantId);
  const tenantStatus = useTenantStatus(tenantId);
  const error = accountStatus.error ?? tenantStatus.error;
  const needs = needsOf(users, account, useNow());
  const go = async () => {
    if (account && account.status !== 'live') await accountStatus.mutateAsync({ accountId: account.id, status: 'live' });
    await tenantStatus.mutateAsync({ status: 'live' });
  };
  if (live) {
    return (
      <div className="zg-stack" data-testid="onboard-done">
        <p className="zg-strong">{t('onboard.done')}</p>
        <div className="zg-actions">
          <Button
            type="primary"
            onClick={() => {
              chooseTenant(tenantId);
              void navigate('/take-payment');
            }}
          >
            {t('onboard.firstPayment')}
          </Button>
          <Link to={`/merchants/${tenantId}`}>
            <Button tabIndex={-1}>{t('nav.merchant')}</Button>
          </Link>
        </div>
      </div>
    );
  }
  return (
    <div className="zg-stack">
      <Readiness tenantId={tenantId} needs={needs} />
      {account && <CallbackAddresses account={account} />}
      {error && <ErrorSentence error={error} />}
      <div className="zg-actions">
        <Button onClick={onBack}>{t('common.back')}</Button>
        <Button type="primary" disabled={needs.some((n) => !n.done && !n.advice)} loading={accountStatus.isPending || tenantStatus.isPending} onClick={() => void go().catch(() => undefined)} data-testid="go-live">
          {t('onboard.goLive')}
        </Button>
      </div>
    </div>
  );
}
