import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { asApiError } from '@/lib/api/error';
import { type Delivery, failureSentence, useEventTypes, useResend } from '@/lib/deliveries';
import { inLanguage } from '@/lib/schema';
import { BeijingTime } from './BeijingTime';
import { errorDetail, errorSentence } from './ErrorSentence';
import { PermissionGate } from './PermissionGate';
import { StatusTag, type Tone } from './StatusTag';

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

/** Has a message sent once more, where that may be; the server says why it may not. */
export function ResendButton({ value: d, small, label, tenantId }: { value: Delivery; small?: boolean; label?: string; tenantId?: string }) {
  const { t, i18n } = useTranslation();
  const { message } = App.useApp();
  const resend = useResend(tenantId);
  if (d.state === 'pending') return null;
  const refused = (error: unknown) => {
    const e = asApiError(error);
    void message.error(errorDetail(e, i18n.language) ?? errorSentence(t, e));
  };
  return (
    <PermissionGate may="deliveries:resend">
      <Button size={small ? 'small' : 'middle'} loading={resend.isPending} onClick={() => resend.mutate(d.id, { onSuccess: () => void message.info(t('webhooks.resent')), onError: refused })}>
        {label ?? t('webhooks.resend')}
      </Button>
    </PermissionGate>
  );
}
