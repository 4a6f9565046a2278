import { Alert, App, Button, Skeleton, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Ago } from '@/components/Ago';
import { Amount } from '@/components/Amount';
import { EmptyState } from '@/components/EmptyState';
import { ErrorSentence, errorDetail, errorSentence } from '@/components/ErrorSentence';
import { PageHead } from '@/components/PageHead';
import { Section } from '@/components/Section';
import { PaymentStatus } from '@/components/states';
import { asApiError } from '@/lib/api/error';
import { type Payment, useNames } from '@/lib/queries';
import { inLanguage } from '@/lib/schema';
import { useSession } from '@/lib/session';
import { usePhone } from '@/lib/viewport';
import { type Act, codeOf, type SimulatedProvider, useAct, useSimulation, useSwitchFault, useWaiting } from './api';
import { Guide } from './Guide';

/** Where providers are simulated: what they do wrong, and what their payers do. */
export default function SimulatorPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const simulation = useSimulation();
  const waiting = useWaiting();
  return (
    <div className="zg-page" data-testid="simulator">
      <PageHead title={t('nav.simulator')} lead={t('simulator.lead')} />
      <Alert type="info" showIcon title={t('simulator.notReal')} />
      {Boolean(simulation.error) && <ErrorSentence error={simulation.error} onRetry={() => void simulation.refetch()} />}
      {simulation.isPending && <div className="zg-card zg-card-pad" aria-busy="true"><Skeleton active /></div>}
      {simulation.data && (
        <>
          <Guide providers={simulation.data} waiting={waiting.data ?? []} />
          <Section title={t('simulator.faults')} extra={<span className="zg-muted">{t('simulator.faultsHint')}</span>}>
            <div className="zg-stack">
              {simulation.data.map((p) => <Faults key={p.provider} provider={p} />)}
            </div>
          </Section>
          <Section title={t('simulator.waiting')} flush>
            {tenantId ? <Waiting payments={waiting.data ?? []} pending={waiting.isPending} /> : <EmptyState title={t('top.pickMerchant')} hint={t('simulator.pickHint')} />}
          </Section>
          <Section title={t('simulator.payers')} extra={<span className="zg-muted">{t('simulator.payersHint')}</span>}>
            <div className="zg-stack">
              {simulation.data.filter((p) => p.payers.length > 0).map((p) => <Payers key={p.provider} provider={p} />)}
            </div>
          </Section>
        </>
      )}
    </div>
  );
}

function Faults({ provider }: { provider: SimulatedProvider }) {
  const { t } = useTranslation();
  const names = useNames();
  const { message } = App.useApp();
  const toggle = useSwitchFault();
  const name = names.provider(provider.provider);
  return (
    <fieldset className="zg-faults">
      <legend className="zg-strong">{name}</legend>
      {provider.faults.map((f) => (
        <label key={f.kind} className="zg-fault" data-testid={`fault-${provider.provider}-${f.kind}`}>
          <Switch
            checked={f.enabled}
            loading={toggle.isPending && toggle.variables.kind === f.kind}
            onChange={(enabled) => toggle.mutate({ provider: provider.provider, kind: f.kind, enabled }, { onError: (error) => void message.error(errorSentence(t, asApiError(error))) })}
            aria-label={t('simulator.switchOf', { provider: name, fault: t(`simulator.kinds.${f.kind}`) })}
          />
          <span>
            {t(`simulator.kinds.${f.kind}`)}
            <span className="zg-muted zg-small zg-fault-hint">{f.enabled ? t('simulator.hits', { count: f.hits }) : t(`simulator.kindHints.${f.kind}`)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Waiting({ payments, pending }: { payments: Payment[]; pending: boolean }) {
  const { t, i18n } = useTranslation();
  const names = useNames();
  const { message } = App.useApp();
  const act = useAct();
  if (pending) return <div className="zg-card-pad" aria-busy="true"><Skeleton active /></div>;
  if (payments.length === 0) return <EmptyState title={t('simulator.noneWaiting')} hint={t('simulator.noneWaitingHint')} action={<Link to="/take-payment">{t('nav.takePayment')}</Link>} />;
  const run = (payment: string, what: Act) =>
    act.mutate(
      { payment, act: what },
      {
        onSuccess: () => void message.success(t(`simulator.did.${what}`)),
        onError: (error) => {
          const e = asApiError(error);
          void message.error(errorDetail(e, i18n.language) ?? errorSentence(t, e));
        },
      },
    );
  return (
    <ul className="zg-cards" aria-label={t('simulator.waiting')}>
      {payments.map((p) => (
        <li key={p.id} className="zg-cards-item">
          <div className="zg-waiting-order">
            <span className="zg-row">
              <Amount fen={p.amount} /> <PaymentStatus value={p} />
              <Link to={`/orders/${p.id}`} className="zg-mono">{p.order_no}</Link>
              <span className="zg-muted zg-small">{names.provider(p.provider)} · {names.method(p.provider, p.method)} · <Ago at={p.created_at} /></span>
            </span>
            <span className="zg-actions">
              {(['pay', 'abandon', 'notify'] as const).map((what) => (
                <Button key={what} size="small" type={what === 'pay' ? 'primary' : 'default'} loading={act.isPending && act.variables.payment === p.id && act.variables.act === what} onClick={() => run(p.id, what)}>
                  {t(`simulator.acts.${what}`)}
                </Button>
              ))}
            </span>
          </div>
        </li>
      ))}
    </ul>
  );
}

function Payers({ provider }: { provider: SimulatedProvider }) {
  const { t, i18n } = useTranslation();
  const names = useNames();
  const phone = usePhone();
  const { message } = App.useApp();
  const copy = async (code: string) => {
    await navigator.clipboard.writeText(code);
    void message.success(t('simulator.copied', { code }));
  };
  return (
    <details open={!phone}>
      <summary className="zg-subhead">{names.provider(provider.provider)}</summary>
      <ul className="zg-payers">
        {provider.payers.map((p) => (
          <li key={`${p.prefix}${p.suffix}`} className="zg-spread">
            <span>{inLanguage(p.name, i18n.language)}</span>
            <Button size="small" onClick={() => void copy(codeOf(p))}>{t('simulator.copyCode')}</Button>
          </li>
        ))}
      </ul>
    </details>
  );
}
