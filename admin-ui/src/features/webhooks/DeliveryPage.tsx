import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { BeijingTime } from '@/components/BeijingTime';
import { CopyButton, CopyText } from '@/components/CopyText';
import { DeliveryStatus, ResendButton, useTypeName } from '@/components/Delivery';
import { DetailPage } from '@/components/DetailPage';
import { EmptyState } from '@/components/EmptyState';
import { Facts } from '@/components/Facts';
import { ObjectLink } from '@/components/ObjectLink';
import { Section } from '@/components/Section';
import type { Delivery } from '@/lib/deliveries';
import { type DeliveryDetail, useDelivery, useWebhooks } from './api';
import { Attempts } from './Attempts';
import { WebhookLink } from './Endpoint';

/** One event on its way to one endpoint: what is sent, and every attempt with its answer. */
export default function DeliveryPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useDelivery(id);
  const typeName = useTypeName();
  return (
    <DetailPage
      title={query.data ? typeName(query.data.delivery.type) : t('webhooks.delivery')}
      back={{ to: '/webhook-deliveries', label: t('nav.deliveries') }}
      query={query}
      status={(d) => <DeliveryStatus value={d.delivery} />}
      actions={(d) => <ResendButton value={d.delivery} />}
    >
      {(d) => (
        <div className="zg-stack">
          <Waiting value={d} />
          <Particulars value={d.delivery} />
          <Section title={t('webhooks.attemptsTitle', { count: d.attempts.length })} flush={d.attempts.length > 0}>
            {d.attempts.length > 0 ? <Attempts attempts={d.attempts} /> : <EmptyState title={t('webhooks.noAttempts')} />}
          </Section>
          <Body text={d.request_body} />
        </div>
      )}
    </DetailPage>
  );
}

/** The reason why something waits. */
function Waiting({ value }: { value: DeliveryDetail }) {
  const { t } = useTranslation();
  const d = value.delivery;
  if (d.state === 'canceled') return <Alert type="info" showIcon title={t('webhooks.whyCanceled')} />;
  if (d.state !== 'pending') return null;
  if (value.waits_for) {
    return <Alert type="info" showIcon title={t('webhooks.whyEarlier')} description={<Link to={`/webhook-deliveries/${value.waits_for}`}>{t('webhooks.earlier')}</Link>} data-testid="waits" />;
  }
  return (
    <Alert
      type={d.attempts > 0 ? 'warning' : 'info'}
      showIcon
      data-testid="waits"
      title={d.attempts > 0 ? t('webhooks.whyRetry', { count: d.attempts }) : t('webhooks.whyNew')}
      description={d.attempts > 0 && <>{t('webhooks.nextAt')} <BeijingTime at={d.next_attempt_at} /></>}
    />
  );
}

function Particulars({ value: d }: { value: Delivery }) {
  const { t } = useTranslation();
  const webhooks = useWebhooks().data?.items ?? [];
  return (
    <Section title={t('webhooks.particulars')}>
      <Facts
        facts={[
          { label: t('webhooks.eventType'), value: <span className="zg-mono">{d.type}</span> },
          { label: t('webhooks.about'), value: <ObjectLink id={d.object_id} /> },
          { label: t('webhooks.endpoint'), value: <WebhookLink id={d.webhook_id} webhooks={webhooks} /> },
          { label: t('webhooks.happenedAt'), value: <BeijingTime at={d.created_at} /> },
          d.finished_at ? { label: t('webhooks.finishedAt'), value: <BeijingTime at={d.finished_at} /> } : undefined,
          { label: t('webhooks.eventId'), value: <CopyText text={d.event_id} label={t('webhooks.eventId')} />, wide: true },
        ]}
      />
    </Section>
  );
}

/** The body as it is signed is one line; people read it indented. */
function Body({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <Section title={t('webhooks.requestBody')} extra={text && <CopyButton text={text} label={t('webhooks.requestBody')} />}>
      {text ? <pre className="zg-pre" tabIndex={0} data-testid="request-body">{indented(text)}</pre> : <EmptyState title={t('webhooks.bodyGone')} />}
    </Section>
  );
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
