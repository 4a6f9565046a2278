import { useTranslation } from 'react-i18next';
import { Ago, Left } from '@/components/Ago';
import { Amount } from '@/components/Amount';
import { ObjectLink } from '@/components/ObjectLink';
import { StatusTag } from '@/components/StatusTag';
import { age, beijingTime } from '@/lib/beijing';
import { useNow } from '@/lib/now';
import { providerSaid } from '@/lib/providerSaid';
import { type Case, inDoubt } from './api';

const numbers = ['order_no', 'refund_no', 'payout_no'];

/** The order a case is about, by its number where the case says it. */
export function CaseObject({ value: c }: { value: Case }) {
  const { t } = useTranslation();
  const number = c.order?.number ?? numbers.map((name) => c.details[name]).find((n): n is string => typeof n === 'string' && n !== '');
  return <ObjectLink id={c.object_id} name={number ? `${t(`caseObjects.${c.object_kind}`, { defaultValue: c.object_kind })} ${number}` : undefined} />;
}

/** The amount of the order a case is about, where the case says it. */
export function CaseAmount({ value: c }: { value: Case }) {
  const { t } = useTranslation();
  const fen = c.order?.amount ?? c.details.amount;
  return typeof fen === 'number' ? <Amount fen={fen} /> : <span className="zg-muted">{t('common.none')}</span>;
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

/** How long it has been open: the older, the heavier, and never alarming by itself. */
export function CaseAge({ value: c }: { value: Case }) {
  const { t } = useTranslation();
  const now = useNow();
  const hours = (now - new Date(c.opened_at).getTime()) / 3_600_000;
  const weight = !c.open || hours < 1 ? 'zg-muted' : hours < 24 ? '' : 'zg-tone-waiting zg-strong';
  const { unit, count } = age(c.opened_at, c.closed_at ? new Date(c.closed_at).getTime() : now);
  return <time className={weight} dateTime={c.opened_at} title={t('common.beijingTimeOf', { time: beijingTime(c.opened_at) })} data-testid="case-age">{t(`cases.lasting.${unit}`, { count })}</time>;
}

/** What the provider said last, and when it is asked next. */
export function CaseAsked({ value: c }: { value: Case }) {
  const { t } = useTranslation();
  const o = c.order;
  if (!o) return <span className="zg-muted">{t('common.none')}</span>;
  const said = providerSaid(o);
  return (
    <div className="zg-cell" data-testid="case-asked">
      {o.asked_at ? <div>{t(`timeline.outcomes.${o.outcome || 'none'}`, { defaultValue: o.outcome })} <span className="zg-muted zg-small"><Ago at={o.asked_at} /></span></div> : <div className="zg-muted">{t('cases.neverAsked')}</div>}
      {said && <div className="zg-muted zg-small">{said}</div>}
      {c.open && o.next_ask_at && <div className="zg-muted zg-small">{t('cases.nextAsk')} <Left until={o.next_ask_at} /></div>}
    </div>
  );
}
