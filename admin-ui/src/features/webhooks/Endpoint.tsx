import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Ago } from '@/components/Ago';
import { StatusTag, type Tone } from '@/components/StatusTag';
import type { Webhook } from './api';

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
