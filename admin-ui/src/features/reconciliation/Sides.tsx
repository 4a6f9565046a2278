import { useTranslation } from 'react-i18next';
import type { ReactNode } from 'react';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { Section } from '@/components/Section';
import { StatusTag } from '@/components/StatusTag';
import { outcomeTone, payoutTone, paymentTone, refundTone } from '@/components/states';
import type { Schemas } from '@/lib/api/client';
import type { Difference } from './api';

type Side = 'ours' | 'theirs';

/** What one side holds, in one cell: the amount, or that it has nothing. */
export function SideAmount({ difference: d, side }: { difference: Difference; side: Side }) {
  const { t } = useTranslation();
  const s = d[side];
  if (!s.present) return <span className="zg-muted">{t('differences.absent')}</span>;
  if (s.amount === undefined) return <SideState difference={d} side={side} />;
  return <Amount fen={s.amount} />;
}

/** Ours by the words for our orders, theirs by what the provider's answer means. */
export function SideState({ difference: d, side }: { difference: Difference; side: Side }) {
  const { t } = useTranslation();
  const state = d[side].state;
  if (!state) return <span className="zg-muted">{t('common.none')}</span>;
  if (side === 'theirs') return <StatusTag tone={outcomeTone(state)}>{t(`timeline.outcomes.${state}`, { defaultValue: state })}</StatusTag>;
  switch (d.object_kind) {
    case 'refund':
      return <StatusTag tone={refundTone({ state: state as Schemas['RefundState'], unknown: false })}>{t(`states.refund.${state}`, { defaultValue: state })}</StatusTag>;
    case 'payout':
      return <StatusTag tone={payoutTone({ state: state as Schemas['PayoutState'], unknown: false })}>{t(`states.payout.${state}`, { defaultValue: state })}</StatusTag>;
    default:
      return <StatusTag tone={paymentTone({ state: state as Schemas['PaymentState'], unknown: false })}>{t(`states.payment.${state}`, { defaultValue: state })}</StatusTag>;
  }
}

interface Row {
  label: string;
  ours: ReactNode;
  theirs: ReactNode;
  differs: boolean;
}

/** Both sides beside each other, with what differs marked by colour and in words. */
export function Sides({ difference: d }: { difference: Difference }) {
  const { t } = useTranslation();
  return (
    <Section title={t('differences.sides')} flush>
      <div className="zg-grid-scroll" role="group" aria-label={t('differences.sides')} tabIndex={0}>
        <table className="zg-sides" data-testid="sides">
          <thead>
            <tr>
              <td />
              <th scope="col">{t('reconciliation.ours')}</th>
              <th scope="col">{t('reconciliation.theirs')}</th>
            </tr>
          </thead>
          <tbody>
            {useRows(d).map((row) => (
              <tr key={row.label} data-agrees={!row.differs}>
                <th scope="row">{row.label}{row.differs && <span className="zg-tone-bad zg-small zg-strong"> {t('differences.differs')}</span>}</th>
                <td>{row.ours}</td>
                <td>{row.theirs}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function useRows(d: Difference): Row[] {
  const { t } = useTranslation();
  const { ours, theirs } = d;
  const both = ours.present && theirs.present;
  const none = <span className="zg-muted">{t('common.none')}</span>;
  const of = (side: Side, value: ReactNode) => (d[side].present ? value : <span className="zg-muted">{t('differences.absent')}</span>);
  const money = (fen: number | undefined) => (fen === undefined ? <span className="zg-muted">{t('differences.notStated')}</span> : <Amount fen={fen} />);
  const differs = (a: number | undefined, b: number | undefined) => both && a !== undefined && b !== undefined && a !== b;
  const rows: (Row | false)[] = [
    { label: t('differences.present'), ours: t(ours.present ? 'differences.there' : 'differences.absent'), theirs: t(theirs.present ? 'differences.there' : 'differences.absent'), differs: ours.present !== theirs.present },
    (Boolean(ours.state) || Boolean(theirs.state)) && { label: t('common.status'), ours: of('ours', <SideState difference={d} side="ours" />), theirs: of('theirs', <SideState difference={d} side="theirs" />), differs: d.kind === 'state' || d.kind === 'unanswered' },
    { label: t('orders.amount'), ours: of('ours', money(ours.amount)), theirs: of('theirs', money(theirs.amount)), differs: differs(ours.amount, theirs.amount) },
    (ours.fee !== undefined || theirs.fee !== undefined) && { label: t('reconciliation.fee'), ours: of('ours', money(ours.fee)), theirs: of('theirs', money(theirs.fee)), differs: differs(ours.fee, theirs.fee) },
    { label: t('reconciliation.movedAt'), ours: of('ours', ours.at ? <BeijingTime at={ours.at} /> : none), theirs: of('theirs', theirs.at ? <BeijingTime at={theirs.at} /> : none), differs: d.kind === 'day' },
    { label: t('differences.number'), ours: of('ours', <span className="zg-mono">{d.number || t('common.none')}</span>), theirs: of('theirs', <span className="zg-mono">{d.provider_number || t('common.none')}</span>), differs: false },
  ];
  return rows.filter((row): row is Row => row !== false);
}
