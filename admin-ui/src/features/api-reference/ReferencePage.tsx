import { Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useQuery } from '@tanstack/react-query';
import { CopyButton, CopyText } from '@/components/CopyText';
import { Facts } from '@/components/Facts';
import { PageHead } from '@/components/PageHead';
import { Section } from '@/components/Section';
import { TenantOnly } from '@/components/TenantOnly';
import { api, call } from '@/lib/api/client';
import { useMay } from '@/lib/permissions';
import { useSession } from '@/lib/session';
import goExample from './examples/go.txt?raw';
import javaExample from './examples/java.txt?raw';
import nodeExample from './examples/node.txt?raw';
import phpExample from './examples/php.txt?raw';
import pythonExample from './examples/python.txt?raw';
import { curls } from './curls';

/** How a program begins to work with this merchant's orders. */
export default function ReferencePage() {
  const { t } = useTranslation();
  return (
    <div className="zg-page">
      <PageHead
        title={t('nav.apiReference')}
        lead={t('reference.lead')}
        actions={
          <>
            <a className="zg-link-button" href="/docs" target="_blank" rel="noreferrer">{t('reference.all')}</a>
            <a className="zg-link-button" href="/docs/errors" target="_blank" rel="noreferrer">{t('reference.errors')}</a>
            <a className="zg-link-button" href="/openapi.yaml" target="_blank" rel="noreferrer">{t('reference.openapi')}</a>
          </>
        }
      />
      <TenantOnly>
        <div className="zg-stack">
          <Begin />
          <Calls />
          <Rules />
          <Verify />
        </div>
      </TenantOnly>
    </div>
  );
}

/** The first working key, if this person may see keys. */
function useKeyHint(): string | undefined {
  const enabled = useMay()('apikeys:read');
  const keys = useQuery({ queryKey: ['apikeys'], queryFn: () => call(() => api.GET('/v1/api-keys')), enabled }).data?.items ?? [];
  const key = keys.find((k) => !k.revoked_at);
  return key && `${key.prefix}…`;
}

function Begin() {
  const { t } = useTranslation();
  const { me } = useSession();
  const key = useKeyHint();
  return (
    <Section title={t('reference.begin')}>
      <div className="zg-stack">
        <Facts
          facts={[
            { label: t('reference.address'), value: <CopyText text={window.location.origin} label={t('reference.address')} /> },
            { label: t('reference.key'), value: key ? <span className="zg-mono">{key}</span> : <Link className="zg-inline-link" to="/api-keys">{t('reference.makeKey')}</Link> },
            { label: t('reference.mode'), value: t(me.test_mode ? 'reference.testMode' : 'reference.liveMode') },
          ]}
        />
        <ol className="zg-numbered">
          <li>{t('reference.step1')} <Link className="zg-inline-link" to="/api-keys">{t('nav.apiKeys')}</Link></li>
          <li>{t('reference.step2')}</li>
          <li>{t('reference.step3')} <Link className="zg-inline-link" to="/webhooks">{t('nav.webhooks')}</Link></li>
          <li>{t('reference.step4')} <Link className="zg-inline-link" to="/request-log">{t('nav.requestLog')}</Link></li>
        </ol>
      </div>
    </Section>
  );
}

/** What a newcomer calls first, with this merchant's own numbers. */
function Calls() {
  const { t } = useTranslation();
  const mayRead = useMay()('payments:read');
  const latest = useQuery({
    queryKey: ['payments', { limit: 1, for: 'reference' }],
    queryFn: () => call(() => api.GET('/v1/payments', { params: { query: { limit: 1 } } })),
    enabled: mayRead,
  });
  if (mayRead && latest.isPending) return null;
  return (
    <Section title={t('reference.calls')}>
      <div className="zg-stack">
        {curls(window.location.origin, latest.data?.items[0]).map((c) => (
          <figure key={c.name} className="zg-figure">
            <figcaption className="zg-spread"><span className="zg-strong">{t(`reference.call.${c.name}`)}</span><CopyButton text={c.text} label={t(`reference.call.${c.name}`)} /></figcaption>
            <pre className="zg-pre" tabIndex={0}>{c.text}</pre>
          </figure>
        ))}
      </div>
    </Section>
  );
}

const rules = ['idempotency', 'unknown', 'amounts', 'paging', 'errorsRule', 'retries'] as const;

function Rules() {
  const { t } = useTranslation();
  return (
    <Section title={t('reference.rules')}>
      <dl className="zg-stack">
        {rules.map((r) => (
          <div key={r}>
            <dt className="zg-strong">{t(`reference.rule.${r}`)}</dt>
            <dd className="zg-muted">{t(`reference.ruleText.${r}`)}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

const examples = { go: goExample, python: pythonExample, node: nodeExample, php: phpExample, java: javaExample };
const names: Record<keyof typeof examples, string> = { go: 'Go', python: 'Python', node: 'Node.js', php: 'PHP', java: 'Java' };

/** A receiver of webhooks that verifies what comes, in the languages that merchants use. */
function Verify() {
  const { t } = useTranslation();
  const [language, setLanguage] = useState<keyof typeof examples>('go');
  return (
    <Section title={t('reference.verify')} extra={<CopyButton text={examples[language]} label={t('reference.verify')} />} testId="verify-example">
      <div className="zg-stack">
        <p className="zg-muted">{t('reference.verifyHint')}</p>
        <Segmented
          aria-label={t('reference.language')}
          value={language}
          onChange={setLanguage}
          options={(Object.keys(examples) as (keyof typeof examples)[]).map((value) => ({ value, label: names[value] }))}
        />
        <pre className="zg-pre" tabIndex={0}>{examples[language]}</pre>
      </div>
    </Section>
  );
}
