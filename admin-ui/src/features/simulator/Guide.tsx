import { CheckCircleFilled } from '@ant-design/icons';
import { App, Button } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { Amount } from '@/components/Amount';
import { Section } from '@/components/Section';
import { PaymentStatus } from '@/components/states';
import { errorSentence } from '@/components/ErrorSentence';
import { asApiError } from '@/lib/api/error';
import { type Payment, useNames } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { codeOf, type SimulatedProvider, useCodeTaker, useSwitchFault } from './api';
import { remember, remembered } from './walk';

const FAULT = 'lost_answer';

/** Three steps to an order in doubt, and to its healing. What was reached is read from the orders themselves. */
export function Guide({ providers, waiting }: { providers: SimulatedProvider[]; waiting: Payment[] }) {
  const { t } = useTranslation();
  const names = useNames();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const { tenantId } = useSession();
  const toggle = useSwitchFault();
  const taker = useCodeTaker();
  const [walk, setWalk] = useState(remembered);
  const chosen = providers.find((p) => p.provider === (walk?.provider ?? taker)) ?? providers.find((p) => p.payers.some((payer) => payer.fate === 'paid'));
  const doubtful = walk && waiting.find((p) => p.unknown && p.provider === walk.provider && p.created_at >= walk.since);
  if (walk && doubtful && doubtful.id !== walk.order) setWalk({ ...walk, order: doubtful.id });
  useEffect(() => remember(walk), [walk]);
  if (!chosen) return null;
  const broken = chosen.faults.some((f) => f.kind === FAULT && f.enabled);
  const payer = chosen.payers.find((p) => p.fate === 'paid');
  const name = names.provider(chosen.provider);
  const healed = Boolean(walk?.order) && !doubtful && !broken;
  const flip = (enabled: boolean) =>
    toggle.mutate(
      { provider: chosen.provider, kind: FAULT, enabled },
      {
        onSuccess: () => enabled && setWalk({ provider: chosen.provider, since: new Date().toISOString() }),
        onError: (error) => void message.error(errorSentence(t, asApiError(error))),
      },
    );
  const charge = async () => {
    if (payer) await navigator.clipboard.writeText(codeOf(payer)).catch(() => undefined);
    void navigate('/take-payment');
  };
  return (
    <Section title={t('simulator.guide')} testId="simulator-guide">
      <ol className="zg-guide">
        <Step number={1} title={t('simulator.step1', { provider: name })} hint={t('simulator.step1Hint')} done={broken || Boolean(doubtful) || healed}>
          {!broken && !doubtful && <Button type="primary" loading={toggle.isPending} onClick={() => flip(true)} data-testid="guide-break">{t('simulator.step1Do')}</Button>}
        </Step>
        <Step number={2} title={t('simulator.step2')} hint={tenantId ? t('simulator.step2Hint') : t('simulator.pickHint')} done={Boolean(doubtful) || healed}>
          {broken && !doubtful && tenantId && <Button type="primary" onClick={() => void charge()}>{t('simulator.step2Do')}</Button>}
        </Step>
        <Step number={3} title={t('simulator.step3')} hint={t('simulator.step3Hint')} done={healed}>
          {doubtful && (
            <Link to={`/orders/${doubtful.id}`} className="zg-row"><Amount fen={doubtful.amount} /> <PaymentStatus value={doubtful} /></Link>
          )}
          {doubtful && broken && <Button type="primary" loading={toggle.isPending} onClick={() => flip(false)} data-testid="guide-mend">{t('simulator.step3Do')}</Button>}
          {healed && (
            <p className="zg-tone-good zg-strong" role="status">
              {t('simulator.healed')} <Link to={`/orders/${walk?.order}`}>{t('till.viewOrder')}</Link>
            </p>
          )}
          {healed && <Button onClick={() => setWalk(undefined)}>{t('simulator.again')}</Button>}
        </Step>
      </ol>
    </Section>
  );
}

function Step({ number, title, hint, done, children }: { number: number; title: string; hint: string; done: boolean; children: React.ReactNode }) {
  return (
    <li className="zg-guide-step" data-done={done}>
      <span className="zg-guide-mark" aria-hidden="true">{done ? <CheckCircleFilled /> : number}</span>
      <div className="zg-stack-tight">
        <p className="zg-strong">{title}</p>
        <p className="zg-muted">{hint}</p>
        {children}
      </div>
    </li>
  );
}
