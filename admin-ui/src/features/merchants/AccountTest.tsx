import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorSentence } from '@/components/ErrorSentence';
import type { Schemas } from '@/lib/api/client';
import { providerSaid } from '@/lib/providerSaid';
import { inLanguage } from '@/lib/schema';
import { useTestAccount } from './api';

/** Checks an account's keys against each other and asks its provider something harmless. */
export function AccountTest({ tenantId, accountId, primary, onPassed }: { tenantId: string; accountId: string; primary?: boolean; onPassed?: () => void }) {
  const { t } = useTranslation();
  const test = useTestAccount(tenantId, accountId);
  const run = () => test.mutate(undefined, { onSuccess: (result) => result.ok && onPassed?.() });
  return (
    <div className="zg-stack-tight">
      <div>
        <Button type={primary && !test.data?.ok ? 'primary' : 'default'} loading={test.isPending} onClick={run} data-testid="account-test">
          {test.data ? t('account.testAgain') : t('account.test')}
        </Button>
      </div>
      {test.error && <ErrorSentence error={test.error} />}
      {test.data && <Steps result={test.data} />}
    </div>
  );
}

function Steps({ result }: { result: Schemas['AccountTest'] }) {
  const { t, i18n } = useTranslation();
  return (
    <div role="status" data-testid="account-test-result" data-ok={result.ok}>
      <p className="zg-strong">{result.ok ? t('account.testPassed') : t('account.testFailed')}</p>
      <ul className="zg-steps">
        {result.steps.map((step, i) => (
          <li key={`${step.name}${i}`}>
            {step.ok ? <CheckCircleFilled className="zg-tone-good" aria-hidden="true" /> : <CloseCircleFilled className="zg-tone-bad" aria-hidden="true" />}
            <div>
              <div>
                <span className="zg-strong">{t(`account.testStep.${step.name}`, { defaultValue: step.name })}</span>{' '}
                <span className="zg-sr-only">{step.ok ? t('account.passed') : t('account.failed')}</span>
              </div>
              <div>{inLanguage(step.message, i18n.language)}</div>
              {(step.provider_code || step.provider_message) && (
                <div className="zg-muted zg-small">{t('timeline.providerSaid', { said: providerSaid(step) })}</div>
              )}
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
