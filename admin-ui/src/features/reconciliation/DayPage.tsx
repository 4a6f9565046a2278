import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { BeijingTime } from '@/components/BeijingTime';
import { DetailPage } from '@/components/DetailPage';
import { EmptyState } from '@/components/EmptyState';
import { errorSentence } from '@/components/ErrorSentence';
import { Facts } from '@/components/Facts';
import { PermissionGate } from '@/components/PermissionGate';
import { Section } from '@/components/Section';
import { asApiError } from '@/lib/api/error';
import { providerSaid } from '@/lib/providerSaid';
import { useNames, useTenant } from '@/lib/queries';
import { type DayDetail, differenceKinds, isMoving, useDay, useDifferences, useRun } from './api';
import { Bills } from './Bills';
import { DifferenceRows } from './DifferencesPage';
import { DayStatus } from './states';
import { Totals } from './Totals';

/** One account's day: what we hold, what the provider says, and where the two differ. */
export default function DayPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useDay(id);
  const d = query.data;
  return (
    <DetailPage
      title={d ? t('reconciliation.titleOf', { account: d.account.name, day: d.day.day }) : t('nav.reconciliation')}
      back={{ to: '/reconciliation', label: t('nav.reconciliation') }}
      query={query}
      status={(x) => <DayStatus value={x.day.state} />}
      actions={(x) => <Actions detail={x} />}
    >
      {(x) => (
        <div className="zg-columns">
          <div className="zg-stack">
            <Standing detail={x} />
            <Totals day={x.day} />
            <Open detail={x} />
            <Bills detail={x} />
          </div>
          <div className="zg-stack">
            <Counts detail={x} />
            <Particulars detail={x} />
          </div>
        </div>
      )}
    </DetailPage>
  );
}

function Actions({ detail: { day } }: { detail: DayDetail }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const run = useRun(day);
  const go = () =>
    run.mutate(undefined, {
      onSuccess: () => void message.info(t('reconciliation.runAsked')),
      onError: (error) => void message.error(errorSentence(t, asApiError(error))),
    });
  return (
    <>
      <PermissionGate may="bills:import"><Link to={`/bill-imports/new?account=${day.account_id}&day=${day.day}`}><Button tabIndex={-1}>{t('reconciliation.import')}</Button></Link></PermissionGate>
      <PermissionGate may="reconciliation:run">
        <Button onClick={go} loading={run.isPending} disabled={isMoving(day)}>{t('reconciliation.run')}</Button>
      </PermissionGate>
    </>
  );
}

/** What state the day is in, why, and what happens next. A day without anything says why, too. */
function Standing({ detail: { day, bills } }: { detail: DayDetail }) {
  const { t } = useTranslation();
  const said = providerSaid(day);
  const nothing = day.ours.length === 0 && day.theirs.length === 0;
  const state = day.state === 'clean' && nothing ? 'nothing' : day.state;
  return (
    <div className="zg-card zg-card-pad zg-stack-tight" role="note" data-testid="standing" data-state={state}>
      <p className="zg-strong">{t(`reconciliation.standing.${state}`, { count: day.open })}</p>
      {day.reason && <p>{t(`reconciliation.reasons.${day.reason}`, { defaultValue: day.reason })}</p>}
      {said && <p className="zg-muted">{t('timeline.providerSaid', { said })}</p>}
      {day.state === 'waiting' && day.attempts > 0 && <p className="zg-muted">{t('reconciliation.attempts', { count: day.attempts })}</p>}
      {day.next_check_at && <p className="zg-muted">{t('reconciliation.next')} <BeijingTime at={day.next_check_at} /></p>}
      {day.state === 'incomplete' && bills.length === 0 && <p className="zg-muted">{t('reconciliation.bringFile')}</p>}
    </div>
  );
}

/** What was compared, in numbers; kinds of open differences lead to their list. */
function Counts({ detail: { day, by_kind } }: { detail: DayDetail }) {
  const { t } = useTranslation();
  const kinds = differenceKinds.filter((kind) => (by_kind[kind] ?? 0) > 0);
  return (
    <Section title={t('reconciliation.result')}>
      <Facts
        facts={[
          { label: t('reconciliation.matched'), value: day.matched },
          { label: t('reconciliation.open'), value: day.open },
          { label: t('reconciliation.resolved'), value: day.resolved },
          day.carried > 0 && { label: t('reconciliation.carried'), value: day.carried },
          day.unasked > 0 && { label: t('reconciliation.unasked'), value: day.unasked },
        ]}
      />
      {day.carried > 0 && <p className="zg-muted zg-small zg-folded">{t('reconciliation.carriedHint')}</p>}
      {day.unasked > 0 && <p className="zg-muted zg-small zg-folded">{t('reconciliation.unaskedHint')}</p>}
      {kinds.length > 0 && (
        <ul className="zg-stack-tight zg-folded" data-testid="by-kind" aria-label={t('reconciliation.byKind')}>
          {kinds.map((kind) => (
            <li key={kind} className="zg-spread">
              <Link to={`/differences?day=${day.id}&kind=${kind}`}>{t(`differences.kinds.${kind}`)}</Link>
              <span className="zg-figures">{by_kind[kind]}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Open({ detail: { day } }: { detail: DayDetail }) {
  const { t } = useTranslation();
  const query = useDifferences({ reconciliation_id: day.id, state: ['open', 'correcting'], limit: 10 });
  const items = query.data?.items ?? [];
  return (
    <Section title={t('reconciliation.openDifferences')} flush testId="open-differences" extra={<Link to={`/differences?day=${day.id}&all=true`}>{t('reconciliation.allDifferences')}</Link>}>
      {items.length > 0 ? <DifferenceRows rows={items} /> : <EmptyState title={t(day.run > 0 ? 'reconciliation.noneOpen' : 'reconciliation.notYet')} />}
    </Section>
  );
}

function Particulars({ detail: { day, account } }: { detail: DayDetail }) {
  const { t } = useTranslation();
  const names = useNames();
  const tenant = useTenant(day.tenant_id).data;
  return (
    <Section title={t('reconciliation.particulars')}>
      <Facts
        facts={[
          { label: t('common.merchant'), value: tenant?.name, wide: true },
          { label: t('callbacks.account'), value: account.name },
          { label: t('orders.provider'), value: names.provider(day.provider) },
          { label: t('reconciliation.day'), value: <span className="zg-figures">{day.day}</span> },
          { label: t('reconciliation.runs'), value: day.run },
          day.finished_at ? { label: t('reconciliation.finishedAt'), value: <BeijingTime at={day.finished_at} />, wide: true } : undefined,
        ]}
      />
      <p className="zg-muted zg-small zg-folded">{t('reconciliation.dayHint')}</p>
    </Section>
  );
}
