import { CheckCircleOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { age } from '@/lib/beijing';
import { useNow } from '@/lib/now';
import { useMay } from '@/lib/permissions';
import { useNames, useProviders } from '@/lib/queries';
import { useSession } from '@/lib/session';
import type { Summary, WaitingFor } from './api';

const places = { approvals: '/approvals', cases: '/cases', differences: '/differences', alerts: '/alerts' } as const;
const doubtKinds = 'kind=unknown_payment&kind=unknown_refund&kind=unknown_payout';

/** What waits for people now: the first thing somebody looks for who was woken up. */
export function Waiting({ summary }: { summary: Summary }) {
  const { t } = useTranslation();
  const may = useMay();
  const { doubt } = summary;
  const unknown = doubt.payments + doubt.refunds + doubt.payouts;
  const failing = useFailing();
  const waiting = summary.waiting.filter((w) => w.count > 0);
  return (
    <section aria-label={t('home.todo')} data-testid="waiting">
      {unknown + failing.length + waiting.length === 0 ? (
        <div className="zg-card zg-todo-none">
          <CheckCircleOutlined aria-hidden="true" className="zg-tone-good" />
          <span><span className="zg-strong">{t('home.todoNone')}</span> <span className="zg-muted zg-small">{t('home.todoNoneHint')}</span></span>
        </div>
      ) : (
        <ul className="zg-todo">
          {unknown > 0 && (
            <Todo
              name="unknown" tone="unknown" to={may('cases:read') ? `/cases?${doubtKinds}` : '/orders?unknown=true'} label={t('states.unknown')} count={unknown} since={doubt.since}
              note={t('home.doubtOf', { payments: doubt.payments, refunds: doubt.refunds, payouts: doubt.payouts })}
            />
          )}
          {failing.length > 0 && <Todo name="failing" tone="bad" to="/providers" label={t('home.failing')} count={failing.length} note={failing.join(' · ')} />}
          {waiting.map((w) => <Place key={w.what} waiting={w} />)}
        </ul>
      )}
    </section>
  );
}

function Place({ waiting: w }: { waiting: WaitingFor }) {
  const { t } = useTranslation();
  const note = w.urgent > 0 && (w.what === 'cases' || w.what === 'alerts') ? t(`home.urgent.${w.what}`, { count: w.urgent }) : undefined;
  return <Todo name={w.what} tone={w.what === 'alerts' && w.urgent > 0 ? 'bad' : undefined} to={places[w.what]} label={t(`home.waiting.${w.what}`)} count={w.count} since={w.oldest} note={note} />;
}

function Todo({ name, label, count, since, note, to, tone }: { name: string; label: string; count: number; since?: string; note?: string; to: string; tone?: 'unknown' | 'bad' }) {
  const { t } = useTranslation();
  const now = useNow();
  const a = since ? age(since, now) : undefined;
  return (
    <li>
      <Link to={to} className={`zg-card zg-todo-item${tone ? ` zg-todo-${tone}` : ''}`} data-testid={`waiting-${name}`}>
        <span className="zg-spread">
          <span>{label}</span>
          <span className="zg-todo-count">{count}</span>
        </span>
        {note && <span className="zg-small zg-muted zg-clip">{note}</span>}
        {a && <span className="zg-small zg-muted">{t('home.oldest', { age: t(`common.ago.${a.unit}`, { count: a.count }) })}</span>}
      </Link>
    </li>
  );
}

/** Providers whose plugin should run and does not; the platform's business. */
function useFailing(): string[] {
  const { tenantId } = useSession();
  const names = useNames();
  const providers = useProviders().data ?? [];
  if (tenantId) return [];
  return providers.filter((p) => ['crashed', 'modified', 'incompatible'].includes(p.state)).map((p) => names.provider(p.id));
}
