import { useTranslation } from 'react-i18next';
import { StatusTag, type Tone } from '@/components/StatusTag';
import type { Schemas } from '@/lib/api/client';
import type { Difference } from './api';

/** How the states of days and differences look. A day that nobody has looked at is never green. */
export const dayTones: Record<Schemas['ReconciliationState'], Tone> = { waiting: 'over', running: 'busy', clean: 'good', open: 'bad', incomplete: 'waiting' };
const differenceTones: Record<Schemas['DifferenceState'], Tone> = { open: 'bad', correcting: 'waiting', accepted: 'good', linked: 'good', corrected: 'good', gone: 'over' };
const billTones: Record<Schemas['BillState'], Tone> = { reading: 'busy', ready: 'good', superseded: 'over', failed: 'bad' };

export function DayStatus({ value }: { value: Schemas['ReconciliationState'] }) {
  const { t } = useTranslation();
  return <StatusTag tone={dayTones[value]} testId="day-status">{t(`reconciliation.states.${value}`)}</StatusTag>;
}

export function BillStatus({ value }: { value: Schemas['BillState'] }) {
  const { t } = useTranslation();
  return <StatusTag tone={billTones[value]}>{t(`reconciliation.billStates.${value}`)}</StatusTag>;
}

export function DifferenceStatus({ value }: { value: Schemas['DifferenceState'] }) {
  const { t } = useTranslation();
  return <StatusTag tone={differenceTones[value]} testId="difference-status">{t(`differences.states.${value}`)}</StatusTag>;
}

/** What disagrees, and of which kind of order. */
export function DifferenceKind({ value: d }: { value: Pick<Difference, 'kind' | 'movement'> }) {
  const { t } = useTranslation();
  return <>{t('differences.kindOf', { kind: t(`differences.kinds.${d.kind}`), movement: t(`reconciliation.movements.${d.movement}`) })}</>;
}
