import { CheckCircleFilled, ExclamationCircleFilled } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { type Need, wizardStep } from './readiness';

/** What is there and what is missing before a merchant goes live; what is missing leads to where it is entered. */
export function Readiness({ tenantId, needs }: { tenantId: string; needs: Need[] }) {
  const { t } = useTranslation();
  return (
    <ul className="zg-steps" data-testid="readiness">
      {needs.map(({ step, done, advice }) => (
        <li key={step} data-step={step} data-done={done}>
          {done ? <CheckCircleFilled className="zg-tone-good" aria-hidden="true" /> : <ExclamationCircleFilled className={advice ? 'zg-tone-waiting' : 'zg-tone-bad'} aria-hidden="true" />}
          <div>
            {done ? (
              <span>{t(`onboard.ready.${step}`)}</span>
            ) : (
              <>
                <span>{t(`onboard.missing.${step}`)}</span> <Link to={`/merchants/${tenantId}/onboarding?step=${wizardStep[step]}`}>{t('onboard.goThere')}</Link>
              </>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
