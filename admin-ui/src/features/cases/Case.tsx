import { useTranslation } from 'react-i18next';
import { Amount } from '@/components/Amount';
import { ObjectLink } from '@/components/ObjectLink';
import { StatusTag } from '@/components/StatusTag';
import { type Case, inDoubt } from './api';

const numbers = ['order_no', 'refund_no', 'payout_no'];

/** The order a case is about, by its number where the case says it. */
export function CaseObject({ value: c }: { value: Case }) {
  const { t } = useTranslation();
  const number = numbers.map((name) => c.details[name]).find((n): n is string => typeof n === 'string' && n !== '');
  return <ObjectLink id={c.object_id} name={number ? `${t(`caseObjects.${c.object_kind}`, { defaultValue: c.object_kind })} ${number}` : undefined} />;
}

/** The amount of the order a case is about, where the case says it. */
export function CaseAmount({ value: c }: { value: Case }) {
  const { t } = useTranslation();
  return typeof c.details.amount === 'number' ? <Amount fen={c.details.amount} /> : <span className="zg-muted">{t('common.none')}</span>;
}

/** Whether it is open, and how it ended: in doubt has its own look. */
export function CaseStatus({ value: c }: { value: Case }) {
  const { t } = useTranslation();
  const tone = !c.open ? 'over' : inDoubt(c.kind) ? 'unknown' : 'waiting';
  return <StatusTag tone={tone} testId="case-status">{c.open ? t(inDoubt(c.kind) ? 'states.unknown' : 'cases.open') : t(`cases.closing.${c.closing}`, { defaultValue: t('cases.closed') })}</StatusTag>;
}

/** Why there is a case, in words. */
export function CaseReason({ value: c }: { value: Case }) {
  const { t } = useTranslation();
  const text = t(`unknown.reasons.${c.reason}`, { defaultValue: t(`callbacks.reasons.${c.reason}`, { defaultValue: '' }) });
  return text ? <span className="zg-muted zg-small">{text}</span> : null;
}
