import { Alert, Segmented, Select, Skeleton } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useActorName } from '@/components/Actor';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { EmptyState } from '@/components/EmptyState';
import { ErrorSentence } from '@/components/ErrorSentence';
import { PageHead } from '@/components/PageHead';
import { Section } from '@/components/Section';
import { TenantOnly } from '@/components/TenantOnly';
import { addDays, beijingDay, beijingTime } from '@/lib/beijing';
import { useMay } from '@/lib/permissions';
import { useActors, useNames, useStores } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { type Shift, useShift } from './api';

/** What one cashier took on a day: what they look at before they go home. */
export default function ShiftPage() {
  return <TenantOnly><OneShift /></TenantOnly>;
}

function OneShift() {
  const { t } = useTranslation();
  const { me, tenantId } = useSession();
  const { search, change } = useFilters();
  const any = useMay()('shifts:any');
  const [today] = useState(() => beijingDay(Date.now()));
  const day = search.get('day') === 'yesterday' ? addDays(today, -1) : today;
  const own = me.user ? `user:${me.user.id}` : undefined;
  const actor = any ? (search.get('actor') ?? own) : own;
  const query = useShift(day, actor, tenantId);
  const name = useActorName(tenantId)(actor);
  return (
    <div className="zg-page zg-narrow">
      <PageHead title={t('nav.shift')} lead={t('settlement.shiftLead', { name, day })} />
      <section className="zg-filters" aria-label={t('common.filters')}>
        <Segmented
          aria-label={t('orders.days')}
          value={day === today ? 'today' : 'yesterday'}
          onChange={(v) => change({ day: v === 'today' ? undefined : 'yesterday' })}
          options={(['today', 'yesterday'] as const).map((d) => ({ value: d, label: t(`orders.period.${d}`) }))}
        />
        {any && <Cashier value={actor} />}
      </section>
      {Boolean(query.error) && <ErrorSentence error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && !query.error && <div className="zg-card zg-card-pad" aria-busy="true"><Skeleton active /></div>}
      {query.data && <Taken shift={query.data} at={query.dataUpdatedAt} />}
    </div>
  );
}

/** Whose shift; for those who may see any. */
function Cashier({ value }: { value: string | undefined }) {
  const { t } = useTranslation();
  const { me, tenantId } = useSession();
  const { change } = useFilters();
  const actors = (useActors(tenantId).data ?? []).filter((a) => a.active);
  const own = me.user ? [{ value: `user:${me.user.id}`, label: t('actors.you', { name: me.user.name }) }] : [];
  const others = actors.filter((a) => a.actor !== own[0]?.value).map((a) => ({ value: a.actor, label: a.name }));
  return <Select className="zg-filter-wide" aria-label={t('settlement.cashier')} value={value} options={[...own, ...others]} onChange={(actor: string) => change({ actor })} showSearch={{ optionFilterProp: 'label' }} />;
}

function Taken({ shift: s, at }: { shift: Shift; at: number }) {
  const { t } = useTranslation();
  return (
    <>
      <section className="zg-card zg-card-pad zg-stack-tight" aria-label={t('settlement.taken')} data-testid="shift">
        <div className="zg-muted">{t('settlement.taken')}</div>
        <Amount fen={s.taken} size="hero" />
        <div className="zg-row">
          <span>{t('settlement.count', { count: s.succeeded })}</span>
          {s.refunded > 0 && <span className="zg-muted">{t('settlement.givenBack')} <Amount fen={s.refunded} muted /></span>}
        </div>
        <p className="zg-muted zg-small">{t('settlement.asOf', { time: beijingTime(at) })}</p>
      </section>
      {s.open > 0 && (
        <Alert
          type="warning"
          showIcon
          role="note"
          data-testid="shift-open"
          title={<>{t('settlement.pending', { count: s.open })} <Amount fen={s.pending} /></>}
          description={s.unknown > 0 ? t('settlement.unknown', { count: s.unknown }) : t('settlement.pendingHint')}
        />
      )}
      <Lines shift={s} />
    </>
  );
}

function Lines({ shift: s }: { shift: Shift }) {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const names = useNames();
  const stores = useStores(tenantId).data ?? [];
  const way = (l: Shift['items'][number]) => [l.channel && names.channel(l.provider, l.method, l.channel), names.method(l.provider, l.method)].filter(Boolean).join(' · ');
  return (
    <Section title={t('settlement.ways')} flush>
      {s.items.length === 0 ? (
        <EmptyState title={t('settlement.nothingTaken')} />
      ) : (
        <ul className="zg-cards">
          {s.items.map((l) => (
            <li key={[l.store_id, l.account_id, l.method, l.channel].join(' ')} className="zg-cards-item">
              <div>
                <span className="zg-spread"><span className="zg-strong">{way(l)}</span><Amount fen={l.amount} /></span>
                <span className="zg-spread zg-muted zg-small">
                  <span>{[stores.find((x) => x.id === l.store_id)?.name, names.provider(l.provider)].filter(Boolean).join(' · ')}</span>
                  <span>{t('settlement.count', { count: l.count })}{l.refunded > 0 && <> · {t('orders.refundedShort')} <Amount fen={l.refunded} muted /></>}</span>
                </span>
              </div>
            </li>
          ))}
        </ul>
      )}
      <p className="zg-muted zg-small zg-shift-times">{t('settlement.between')} <BeijingTime at={s.from} /> – <BeijingTime at={s.to} /></p>
    </Section>
  );
}
