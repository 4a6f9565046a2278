import { CheckCircleFilled, ClockCircleOutlined, CloseCircleFilled, LoadingOutlined, MinusCircleOutlined, QuestionCircleOutlined, ScanOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { ErrorSentence } from '@/components/ErrorSentence';
import { NextStep } from '@/components/NextStep';
import { paymentTone, PaymentStatus } from '@/components/states';
import type { Tone } from '@/components/StatusTag';
import { stepOf } from '@/lib/nextAction';
import { providerSaid } from '@/lib/providerSaid';
import type { Payment } from '@/lib/queries';
import { isOpen, useLivePayment, useTillActions } from './api';
import { play } from './sound';

const icons: Record<Tone, ReactNode> = {
  good: <CheckCircleFilled aria-hidden="true" />,
  bad: <CloseCircleFilled aria-hidden="true" />,
  unknown: <QuestionCircleOutlined aria-hidden="true" />,
  busy: <LoadingOutlined aria-hidden="true" />,
  waiting: <ClockCircleOutlined aria-hidden="true" />,
  over: <MinusCircleOutlined aria-hidden="true" />,
};

/** What became of the payment, large enough to be seen across a counter. */
export function TillResult({ paymentId, first, busy, sound, onNext }: { paymentId?: string; first?: Payment; busy: boolean; sound: boolean; onNext: () => void }) {
  const { t } = useTranslation();
  const result = useRef<HTMLElement>(null);
  const live = useLivePayment(paymentId);
  useEffect(() => {
    if (paymentId) result.current?.scrollIntoView({ block: 'nearest' });
  }, [paymentId]);
  const payment = newer(live.data?.payment, first);
  const tone = payment && paymentTone(payment);
  useEffect(() => {
    if (sound && (tone === 'good' || tone === 'bad')) play(tone === 'good');
  }, [sound, tone, paymentId]);
  if (!payment || !tone) {
    return (
      <section className="zg-card zg-till-result" aria-label={t('till.result')} aria-live="polite" data-testid="till-result">
        <span className="zg-till-icon zg-muted">{busy ? <LoadingOutlined aria-hidden="true" /> : <ScanOutlined aria-hidden="true" />}</span>
        <p className="zg-muted">{busy ? t('till.sending') : t('till.idle')}</p>
      </section>
    );
  }
  const qr = stepOf(payment)?.type === 'show_qr';
  return (
    <section ref={result} className="zg-card zg-till-result" data-tone={tone} data-state={payment.unknown ? 'unknown' : payment.state} aria-label={t('till.result')} aria-live="assertive" data-testid="till-result">
      {qr ? <Next payment={payment} testId="till-qr" /> : <span className={`zg-till-icon zg-tone-${tone}`}>{icons[tone]}</span>}
      <h2>{headline(payment, t)}</h2>
      <Amount fen={payment.amount} size="hero" />
      <PaymentStatus value={payment} />
      {!qr && <Next payment={payment} testId="till-next-step" />}
      <Hint payment={payment} />
      {Boolean(live.error) && <ErrorSentence error={live.error} onRetry={() => void live.refetch()} />}
      <Buttons payment={payment} cancelable={live.data?.cancelable ?? false} syncable={live.data?.syncable ?? false} onNext={onNext} />
    </section>
  );
}

/** The next step, which speaks for itself: a count of seconds is not to be read aloud. */
function Next({ payment, testId }: { payment: Payment; testId: string }) {
  if (!stepOf(payment)) return null;
  return (
    <div className="zg-till-step" aria-live="off" data-testid={testId}>
      <NextStep payment={payment} till />
    </div>
  );
}

/** Of two views of the payment, the later one. */
function newer(live: Payment | undefined, first: Payment | undefined): Payment | undefined {
  if (!live || !first || live.id !== first.id) return first ?? undefined;
  return live.version >= first.version ? live : first;
}

function headline(p: Payment, t: (key: string) => string): string {
  if (p.unknown) return t('till.unknown');
  const step = stepOf(p);
  if (step) return t(`nextStep.title.${step.type}`);
  if (p.state === 'requires_action') return t('till.confirm');
  return t(`till.${p.state}`);
}

function Hint({ payment: p }: { payment: Payment }) {
  const { t } = useTranslation();
  if (p.unknown) {
    return (
      <>
        <p className="zg-strong">{t('till.unknownHint')}</p>
        {p.next_check_at && <p className="zg-muted">{t('till.askedAgain')} <BeijingTime at={p.next_check_at} /></p>}
      </>
    );
  }
  if (p.state === 'processing') return <p className="zg-muted">{t('till.processingHint')}</p>;
  if (p.state === 'failed' || p.state === 'canceled' || p.state === 'closed') {
    const said = providerSaid(p);
    const own = p.failure_code && t(`errors.${p.failure_code}`, { defaultValue: '' });
    return (
      <>
        {own && <p>{own}</p>}
        {said && <p className="zg-muted">{t('timeline.providerSaid', { said })}</p>}
      </>
    );
  }
  return null;
}

function Buttons({ payment, cancelable, syncable, onNext }: { payment: Payment; cancelable: boolean; syncable: boolean; onNext: () => void }) {
  const { t } = useTranslation();
  const { sync, cancel } = useTillActions(payment.id);
  const open = isOpen(payment);
  const error = sync.error ?? cancel.error;
  return (
    <>
      {error && <ErrorSentence error={error} />}
      <div className="zg-actions">
        <Button size="large" type={open ? 'default' : 'primary'} onClick={onNext} data-testid="till-next" autoFocus={!open}>
          {t('till.next')}
        </Button>
        {open && syncable && (
          <Button size="large" onClick={() => sync.mutate()} loading={sync.isPending}>
            {t('orders.sync')}
          </Button>
        )}
        {open && cancelable && (
          <Button size="large" danger onClick={() => cancel.mutate()} loading={cancel.isPending}>
            {t('orders.cancel')}
          </Button>
        )}
      </div>
      <Link to={`/orders/${payment.id}`}>{t('till.viewOrder')}</Link>
    </>
  );
}
