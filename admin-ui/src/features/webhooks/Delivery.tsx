import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Ago } from '@/components/Ago';
import { BeijingTime } from '@/components/BeijingTime';
import { errorSentence } from '@/components/ErrorSentence';
import { PermissionGate } from '@/components/PermissionGate';
import { StatusTag, type Tone } from '@/components/StatusTag';
import { asApiError } from '@/lib/api/error';
import { inLanguage } from '@/lib/schema';
import { type Delivery, useEventTypes, useResend, type Webhook } from './api';
import { failureSentence } from './failure';

const tones: Record<Delivery['state'], Tone> = { pending: 'busy', delivered: 'good', failed: 'bad', canceled: 'over' };

/** Where a delivery stands; one that was tried and not taken is told from one that is new. */
export function DeliveryStatus({ value: d }: { value: Delivery }) {
  const { t } = useTranslation();
  const retrying = d.state === 'pending' && d.attempts > 0;
  return (
    <StatusTag tone={retrying ? 'waiting' : tones[d.state]} testId="delivery-status">
      {retrying ? t('webhooks.retrying') : t(`webhooks.states.${d.state}`)}
    </StatusTag>
  );
}

/** What a type of events means. */
export function useTypeName(): (type: string) => string {
  const { i18n } = useTranslation();
  const types = useEventTypes().data ?? [];
  return (type) => inLanguage(types.find((x) => x.type === type)?.description, i18n.language) || type;
}

export function EventType({ type }: { type: string }) {
  const name = useTypeName()(type);
  return (
    <div className="zg-cell">
      <div>{name}</div>
      {name !== type && <div className="zg-mono zg-muted zg-small">{type}</div>}
    </div>
  );
}

/** Why the last attempt was no success, and when the next one is. */
export function Outcome({ value: d }: { value: Delivery }) {
  const { t } = useTranslation();
  if (d.state === 'delivered') return <span className="zg-figures">{d.last_status}</span>;
  return (
    <div className="zg-cell">
      {d.last_error && <div className="zg-small">{failureSentence(t, d.last_status, d.last_error)}</div>}
      {d.state === 'pending' && d.next_attempt_at && <div className="zg-muted zg-small">{t('webhooks.nextAt')} <BeijingTime at={d.next_attempt_at} /></div>}
    </div>
  );
}

const endpointTone = (w: Webhook): Tone => (!w.enabled ? 'over' : w.failing_since ? 'bad' : 'good');

/** Whether an endpoint is sent to, and whether it takes what is sent. */
export function WebhookStatus({ value: w }: { value: Webhook }) {
  const { t } = useTranslation();
  const word = !w.enabled ? `disabled_${w.disabled_reason ?? 'person'}` : w.failing_since ? 'failing' : 'enabled';
  return <StatusTag tone={endpointTone(w)} testId="webhook-status">{t(`webhooks.status.${word}`)}</StatusTag>;
}

export function FailingSince({ value: w }: { value: Webhook }) {
  const { t } = useTranslation();
  if (!w.enabled || !w.failing_since) return null;
  return <span className="zg-tone-bad zg-small">{t('webhooks.failingSince')} <Ago at={w.failing_since} /></span>;
}

/** An endpoint by its description or address. */
export function webhookName(w: Webhook | undefined, id: string): string {
  return w?.description || w?.url.replace(/^https?:\/\//, '').replace(/\?.*$/, '') || id.slice(-6);
}

export function WebhookLink({ id, webhooks }: { id: string; webhooks: Webhook[] }) {
  const found = webhooks.find((w) => w.id === id);
  const name = webhookName(found, id);
  return found ? <Link to={`/webhooks/${id}`}>{name}</Link> : <span className="zg-muted">{name}</span>;
}

export function ResendButton({ value: d, small }: { value: Delivery; small?: boolean }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const resend = useResend();
  if (d.state === 'pending') return null;
  const again = () =>
    resend.mutate(d.id, {
      onSuccess: () => void message.info(t('webhooks.resent')),
      onError: (error) => void message.error(errorSentence(t, asApiError(error))),
    });
  return (
    <PermissionGate may="deliveries:resend">
      <Button size={small ? 'small' : 'middle'} loading={resend.isPending} onClick={again}>{t('webhooks.resend')}</Button>
    </PermissionGate>
  );
}
