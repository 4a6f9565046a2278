import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { BeijingTime } from '@/components/BeijingTime';
import { ErrorSentence } from '@/components/ErrorSentence';
import { PermissionGate } from '@/components/PermissionGate';
import { Section } from '@/components/Section';
import { StatusTag, type Tone } from '@/components/StatusTag';
import { inLanguage } from '@/lib/schema';
import { type Check, type Plugin, type Report, useVerify, type Version } from './api';

const tones: Record<Check['result'], Tone> = { passed: 'good', failed: 'bad', not_applicable: 'over' };

/** What the conformance suite found out about a version, what failed first, and running it again. */
export function Conformance({ plugin: p, version: v }: { plugin: Plugin; version: Version }) {
  const { t } = useTranslation();
  const verify = useVerify(p.id);
  const report = v.verification;
  return (
    <Section
      title={t('plugins.report')}
      testId="report"
      extra={
        <PermissionGate may="plugins:verify">
          <Button onClick={() => verify.mutate(v.sha256!)} loading={verify.isPending} data-testid="verify">{t(report ? 'plugins.verifyAgain' : 'plugins.verify')}</Button>
        </PermissionGate>
      }
    >
      <div className="zg-stack">
        {verify.error && <ErrorSentence error={verify.error} />}
        {verify.isPending && <p className="zg-muted" role="status">{t('plugins.verifying')}</p>}
        {report ? <Checks report={report} /> : <p className="zg-muted">{t('plugins.neverVerified')}</p>}
      </div>
    </Section>
  );
}

/** Whether a report was passed, or that there is none. */
export function Verdict({ report }: { report: Report | undefined }) {
  const { t } = useTranslation();
  if (!report) return <StatusTag tone="waiting" testId="verdict">{t('plugins.verdicts.none')}</StatusTag>;
  return <StatusTag tone={report.passed ? 'good' : 'bad'} testId="verdict">{t(report.passed ? 'plugins.verdicts.passed' : 'plugins.verdicts.failed')}</StatusTag>;
}

function Checks({ report }: { report: Report }) {
  const { t } = useTranslation();
  const failed = report.checks.filter((c) => c.result === 'failed');
  const others = report.checks.filter((c) => c.result !== 'failed');
  return (
    <>
      <div className="zg-row">
        <Verdict report={report} />
        <span className="zg-muted zg-small"><BeijingTime at={report.ran_at} /></span>
      </div>
      <CheckList checks={failed} />
      {others.length > 0 && (
        <details className="zg-details">
          <summary>{t('plugins.otherChecks', { count: others.length })}</summary>
          <CheckList checks={others} />
        </details>
      )}
    </>
  );
}

function CheckList({ checks }: { checks: Check[] }) {
  const { t, i18n } = useTranslation();
  return (
    <ul className="zg-checks">
      {checks.map((c) => (
        <li key={c.id} data-check={c.id}>
          <span className="zg-spread">
            <span>{inLanguage(c.title, i18n.language)}</span>
            <StatusTag tone={tones[c.result]}>{t(`plugins.results.${c.result}`)}</StatusTag>
          </span>
          {inLanguage(c.detail, i18n.language) && <div className="zg-muted zg-small">{inLanguage(c.detail, i18n.language)}</div>}
        </li>
      ))}
    </ul>
  );
}
