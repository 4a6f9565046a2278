import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useParams, useSearchParams } from 'react-router';
import { BeijingTime } from '@/components/BeijingTime';
import { CopyText } from '@/components/CopyText';
import { DetailPage } from '@/components/DetailPage';
import { ErrorSentence } from '@/components/ErrorSentence';
import { Facts } from '@/components/Facts';
import { ObjectLink } from '@/components/ObjectLink';
import { PermissionGate } from '@/components/PermissionGate';
import { Section } from '@/components/Section';
import { CallbackEffect } from '@/components/states';
import { useNames } from '@/lib/queries';
import { type Callback, useOneCallback, useReveal } from './api';
import { providerOf, Reason, RerunButton, useKindName } from './Callback';

/** One request of a provider: what was made of it, and on demand the request itself. */
export default function CallbackPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const [search] = useSearchParams();
  const query = useOneCallback(id, search.get('tenant') ?? undefined);
  const kindName = useKindName();
  return (
    <DetailPage
      title={query.data ? kindName(query.data) : t('objects.cbk')}
      back={{ to: '/callbacks', label: t('nav.callbacks') }}
      query={query}
      status={(c) => <CallbackEffect value={c.effect} />}
      actions={(c) => <RerunButton callback={c} />}
    >
      {(c) => (
        <div className="zg-stack">
          <Particulars callback={c} />
          <PermissionGate may="callbacks:reveal">
            <Raw callback={c} />
          </PermissionGate>
        </div>
      )}
    </DetailPage>
  );
}

function Particulars({ callback: c }: { callback: Callback }) {
  const { t } = useTranslation();
  const names = useNames();
  return (
    <Section title={t('callbacks.particulars')}>
      <Facts
        facts={[
          { label: t('callbacks.receivedAt'), value: <BeijingTime at={c.received_at} /> },
          c.finished_at ? { label: t('callbacks.finishedAt'), value: <BeijingTime at={c.finished_at} /> } : undefined,
          { label: t('orders.provider'), value: names.provider(providerOf(c)) },
          { label: t('callbacks.plugin'), value: <span className="zg-mono">{c.plugin}</span> },
          { label: t('callbacks.verified'), value: t(c.verified ? 'callbacks.verifiedYes' : 'callbacks.verifiedNo') },
          { label: t('callbacks.about'), value: <ObjectLink id={c.object_id} /> },
          { label: t('callbacks.answer'), value: c.answer_status || undefined },
          { label: t('callbacks.address'), value: <span className="zg-mono">{c.ip}</span> },
          { label: t('callbacks.why'), value: <Reason callback={c} />, wide: true },
          { label: t('callbacks.id'), value: <CopyText text={c.id} label={t('callbacks.id')} />, wide: true },
        ]}
      />
    </Section>
  );
}

/** The request as it came. Reading it is written to the audit log, so it is asked for. */
function Raw({ callback }: { callback: Callback }) {
  const { t } = useTranslation();
  const reveal = useReveal(callback);
  const raw = reveal.data;
  return (
    <Section title={t('callbacks.raw')} extra={!raw && <Button loading={reveal.isPending} onClick={() => reveal.mutate()}>{t('callbacks.reveal')}</Button>}>
      {reveal.error && <ErrorSentence error={reveal.error} />}
      {!raw && !reveal.error && <p className="zg-muted">{t('callbacks.sealed')}</p>}
      {raw && (
        <div className="zg-stack-tight" data-testid="raw">
          <pre className="zg-pre" tabIndex={0}>{[`${raw.method} ${raw.path}${raw.query ? `?${raw.query}` : ''}`, ...Object.entries(raw.headers).map(([name, value]) => `${name}: ${value}`)].join('\n')}</pre>
          <pre className="zg-pre" tabIndex={0}>{raw.body_text ?? raw.body_base64}</pre>
        </div>
      )}
    </Section>
  );
}
