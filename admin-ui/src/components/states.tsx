import { useTranslation } from 'react-i18next';
import type { Schemas } from '@/lib/api/client';
import { StatusTag, type Tone } from './StatusTag';

/** How every state looks, in one place. In doubt is a look of its own, whatever the state beside it. */

const payment: Record<Schemas['PaymentState'], Tone> = {
  requires_action: 'waiting', processing: 'busy', succeeded: 'good', failed: 'bad', canceled: 'over', closed: 'over', expired: 'over',
};
const refund: Record<Schemas['RefundState'], Tone> = { pending_approval: 'waiting', processing: 'busy', succeeded: 'good', failed: 'bad', rejected: 'bad' };
const payout: Record<Schemas['PayoutState'], Tone> = { pending_approval: 'waiting', processing: 'busy', in_review: 'busy', succeeded: 'good', failed: 'bad', returned: 'bad', rejected: 'bad' };
const tenant: Record<Schemas['TenantStatus'], Tone> = { onboarding: 'waiting', live: 'good', suspended: 'bad' };
const account: Record<Schemas['AccountStatus'], Tone> = { draft: 'waiting', live: 'good', disabled: 'over' };
const plugin: Record<Schemas['PluginState'], Tone> = { pending: 'waiting', enabled: 'good', starting: 'busy', modified: 'bad', incompatible: 'bad', crashed: 'bad', disabled: 'over' };
const effect: Record<Schemas['CallbackEffect'], Tone> = {
  received: 'busy', applied: 'good', repeated: 'over', refused: 'bad', replayed: 'bad', disagrees: 'bad', not_known: 'waiting', asked: 'good', failed: 'bad',
};
const approval: Record<Schemas['ApprovalState'], Tone> = { pending: 'waiting', approved: 'good', rejected: 'bad', expired: 'over', withdrawn: 'over' };

type Doubtful<State> = { state: State; unknown: boolean };

/** The tone of a payment, for the till and the list alike. */
export function paymentTone(p: Doubtful<Schemas['PaymentState']>): Tone {
  return p.unknown ? 'unknown' : payment[p.state];
}

export function PaymentStatus({ value }: { value: Doubtful<Schemas['PaymentState']> }) {
  const { t } = useTranslation();
  return (
    <StatusTag tone={paymentTone(value)} testId="payment-status">
      {value.unknown ? t('states.unknown') : t(`states.payment.${value.state}`)}
    </StatusTag>
  );
}

export function refundTone(r: Doubtful<Schemas['RefundState']>): Tone {
  return r.unknown ? 'unknown' : refund[r.state];
}

export function RefundStatus({ value }: { value: Doubtful<Schemas['RefundState']> }) {
  const { t } = useTranslation();
  return (
    <StatusTag tone={refundTone(value)} testId="refund-status">
      {value.unknown ? t('states.unknown') : t(`states.refund.${value.state}`)}
    </StatusTag>
  );
}

export function payoutTone(p: Doubtful<Schemas['PayoutState']>): Tone {
  return p.unknown ? 'unknown' : payout[p.state];
}

export function PayoutStatus({ value }: { value: Doubtful<Schemas['PayoutState']> }) {
  const { t } = useTranslation();
  return (
    <StatusTag tone={payoutTone(value)} testId="payout-status">
      {value.unknown ? t('states.unknown') : t(`states.payout.${value.state}`)}
    </StatusTag>
  );
}

export function TenantStatus({ value }: { value: Schemas['TenantStatus'] }) {
  const { t } = useTranslation();
  return <StatusTag tone={tenant[value]} testId="tenant-status">{t(`states.tenant.${value}`)}</StatusTag>;
}

export function AccountStatus({ value }: { value: Schemas['AccountStatus'] }) {
  const { t } = useTranslation();
  return <StatusTag tone={account[value]} testId="account-status">{t(`states.account.${value}`)}</StatusTag>;
}

export function PluginStatus({ value }: { value: Schemas['PluginState'] }) {
  const { t } = useTranslation();
  return <StatusTag tone={plugin[value]} testId="plugin-status">{t(`states.plugin.${value}`)}</StatusTag>;
}

export function CallbackEffect({ value }: { value: Schemas['CallbackEffect'] }) {
  const { t } = useTranslation();
  return <StatusTag tone={effect[value]} testId="callback-effect">{t(`states.effect.${value}`)}</StatusTag>;
}

export function ApprovalStatus({ value }: { value: Schemas['ApprovalState'] }) {
  const { t } = useTranslation();
  return <StatusTag tone={approval[value]} testId="approval-status">{t(`states.approval.${value}`)}</StatusTag>;
}

const outcomes: Record<string, Tone> = {
  succeeded: 'good', failed: 'bad', in_progress: 'busy', unknown: 'unknown', refused: 'bad', not_found: 'over', canceled: 'over', closed: 'over',
};

/** What a provider's answer meant; an attempt without one was cut off and counts as in doubt. */
export function outcomeTone(outcome: string | undefined): Tone {
  return outcomes[outcome ?? ''] ?? 'unknown';
}

// Events that are no state: news, and what somebody has to look at.
const events: Record<string, Tone> = {
  created: 'busy', cancel_requested: 'busy', disagrees: 'bad', refunded_outside: 'bad', 'case.opened': 'bad',
  'member.opened': 'good', bound: 'good', pending: 'waiting',
};

/** What an event says about its object, by its type or the last word of it. */
export function eventTone(type: string): Tone {
  const word = type.split('.').at(-1) ?? '';
  return events[type] ?? events[word] ?? outcomes[word] ?? payment[word as Schemas['PaymentState']] ?? 'over';
}
