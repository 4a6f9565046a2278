import { Button, Form, Input, Radio, Select } from 'antd';
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '@/components/Section';
import { inCapitals } from '@/lib/capitals';
import { useSubmissionKey } from '@/lib/idempotency';
import { parseYuan } from '@/lib/money';
import { inLanguage } from '@/lib/schema';
import { type Payer, useBalancesOf, usePayoutLimits, usePayoutRates } from './api';
import { type Draft, emptyDraft, fieldsOf, isSound, payeeFields, type Problem, problemsOf, requestOf } from './draft';
import { PayableNow } from './PayableNow';
import { ReviewDialog } from './ReviewDialog';
import { feeBy, mostOf, obstacle, rateAt, roomIn } from './room';

/** One payout: the payee and the amount beside what can be paid out now. What was typed stays until it was taken in. */
export function PayoutForm({ payer }: { payer: Payer }) {
  const { t } = useTranslation();
  const { account, spec } = payer;
  const [draft, setDraft] = useState<Draft>(() => emptyDraft(spec));
  const [checked, setChecked] = useState(false);
  const [reviewing, setReviewing] = useState(false);
  const submission = useSubmissionKey();
  const [now] = useState(() => Date.now());
  const balances = useBalancesOf(account).data;
  const rates = usePayoutRates(account).data;
  const limits = usePayoutLimits(account).data ?? [];
  const fen = parseYuan(draft.amount).fen;
  const rate = rates && rateAt(rates, now);
  const fee = rates && fen !== undefined ? feeBy(rate, fen) : undefined;
  const room = balances && roomIn(balances.channels, draft.source, draft.channel || undefined);
  const most = mostOf(spec.maximum, limits);
  const stop = fen === undefined ? undefined : obstacle(fen, room, most);
  const problems = problemsOf(draft, spec);
  const change = (values: Partial<Draft>) => setDraft((before) => ({ ...before, ...values }));
  const review = () => {
    setChecked(true);
    if (isSound(problems) && !stop) setReviewing(true);
  };
  return (
    <Form layout="vertical" requiredMark={false} onFinish={review} data-testid="payout-form">
      <div className="zg-columns">
        <div className="zg-stack">
          <Section title={t('payouts.payee')}>
            <PayeeItems payer={payer} draft={draft} change={change} problems={checked ? problems : undefined} />
          </Section>
          <Section title={t('payouts.amount')}>
            <SourceItems payer={payer} channels={balances?.channels ?? []} draft={draft} change={change} />
            <AmountItem draft={draft} change={change} error={checked && problems.amount ? t(`amount.${problems.amount}`) : stop && t(`payouts.obstacles.${stop}`)} fen={fen} />
            <OtherItems payer={payer} draft={draft} change={change} problems={checked ? problems : undefined} />
          </Section>
        </div>
        <div className="zg-stack zg-beside">
          <PayableNow account={account} room={room} most={most} fen={fen} fee={fee} />
          <Button type="primary" size="large" htmlType="submit" block data-testid="payout-review">{t('payouts.review')}</Button>
          {checked && (!isSound(problems) || stop) && <p className="zg-tone-bad" role="alert">{t('payouts.mend')}</p>}
        </div>
      </div>
      {reviewing && fen !== undefined && (
        <ReviewDialog payer={payer} draft={draft} request={requestOf(draft, spec, account.id)} fee={fee} submission={submission} onClose={() => setReviewing(false)} />
      )}
    </Form>
  );
}

interface ItemsProps {
  payer: Payer;
  draft: Draft;
  change: (values: Partial<Draft>) => void;
  problems?: ReturnType<typeof problemsOf>;
}

function Item({ label, error, hint, children }: { label: string; error?: string; hint?: ReactNode; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <Form.Item label={label} htmlFor={id} validateStatus={error ? 'error' : undefined} help={error} extra={hint}>
      {children(id)}
    </Form.Item>
  );
}

function useProblem(): (problem: Problem | undefined) => string | undefined {
  const { t } = useTranslation();
  return (problem) => problem && t(`payouts.problems.${problem}`);
}

function PayeeItems({ payer: { spec }, draft, change, problems }: ItemsProps) {
  const { t, i18n } = useTranslation();
  const say = useProblem();
  const fields = fieldsOf(spec, draft.payeeType);
  const digits = new Set<string>(['number', 'branch_code', 'phone']);
  return (
    <>
      {spec.payee_types.length > 1 && (
        <Form.Item label={t('payouts.payeeType')}>
          <Radio.Group
            aria-label={t('payouts.payeeType')}
            value={draft.payeeType}
            onChange={(e) => change({ payeeType: e.target.value as string })}
            options={spec.payee_types.map((p) => ({ value: p.id, label: inLanguage(p.name, i18n.language) }))}
          />
        </Form.Item>
      )}
      <div className="zg-pair">
        {payeeFields.filter((name) => fields.some((f) => f.name === name)).map((name) => (
          <Item key={name} label={t(`payouts.fields.${name}`)} error={say(problems?.payee[name])}>
            {(id) => (
              <Input
                id={id}
                value={draft.payee[name] ?? ''}
                onChange={(e) => change({ payee: { ...draft.payee, [name]: e.target.value } })}
                inputMode={digits.has(name) ? 'numeric' : undefined}
                className={digits.has(name) ? 'zg-figures' : undefined}
                maxLength={64}
                autoComplete="off"
                data-testid={`payee-${name}`}
                aria-invalid={Boolean(problems?.payee[name])}
              />
            )}
          </Item>
        ))}
      </div>
    </>
  );
}

function SourceItems({ payer: { spec }, channels, draft, change }: ItemsProps & { channels: { figures: { channel: string; name?: string } }[] }) {
  const { t, i18n } = useTranslation();
  const named = channels.filter((c) => c.figures.channel !== '');
  return (
    <>
      {spec.sources.length > 1 && (
        <Form.Item label={t('payouts.source')} extra={t('payouts.sourceHint')}>
          <Radio.Group
            aria-label={t('payouts.source')}
            value={draft.source}
            onChange={(e) => change({ source: e.target.value as string })}
            options={spec.sources.map((s) => ({ value: s.id, label: inLanguage(s.name, i18n.language) }))}
          />
        </Form.Item>
      )}
      {named.length > 1 && (
        <Item label={t('payouts.channel')}>
          {(id) => (
            <Select
              id={id}
              value={draft.channel}
              onChange={(channel: string) => change({ channel })}
              options={[{ value: '', label: t('payouts.anyChannel') }, ...named.map((c) => ({ value: c.figures.channel, label: c.figures.name || c.figures.channel }))]}
            />
          )}
        </Item>
      )}
    </>
  );
}

function AmountItem({ draft, change, error, fen }: Omit<ItemsProps, 'payer' | 'problems'> & { error?: string; fen: number | undefined }) {
  const { t } = useTranslation();
  return (
    <Item label={t('payouts.amountYuan')} error={error || undefined} hint={fen !== undefined && <span data-testid="capitals">{t('payouts.capitals')} <span lang="zh-CN">{inCapitals(fen)}</span></span>}>
      {(id) => (
        <Input
          id={id}
          className="zg-till-amount"
          size="large"
          prefix="¥"
          inputMode="decimal"
          value={draft.amount}
          onChange={(e) => change({ amount: e.target.value })}
          maxLength={16}
          autoComplete="off"
          data-testid="payout-amount"
          aria-invalid={Boolean(error)}
        />
      )}
    </Item>
  );
}

function OtherItems({ payer: { spec }, draft, change, problems }: ItemsProps) {
  const { t, i18n } = useTranslation();
  const say = useProblem();
  return (
    <>
      <div className="zg-pair">
        <Item label={t('payouts.purposeOptional')} error={say(problems?.purpose)} hint={t('payouts.purposeHint')}>
          {(id) => <Input id={id} value={draft.purpose} onChange={(e) => change({ purpose: e.target.value })} maxLength={64} />}
        </Item>
        <Item label={t('payouts.merchantNumberOptional')} error={say(problems?.merchantNo)} hint={t('payouts.merchantNumberHint')}>
          {(id) => <Input id={id} value={draft.merchantNo} onChange={(e) => change({ merchantNo: e.target.value })} maxLength={64} autoComplete="off" />}
        </Item>
        {spec.extra.map((f) => (
          <Item key={f.name} label={inLanguage(f.label, i18n.language)} error={say(problems?.extra[f.name])}>
            {(id) =>
              f.options.length > 0 ? (
                <Select
                  id={id}
                  allowClear={!f.required}
                  value={draft.extra[f.name] || undefined}
                  onChange={(value: string | undefined) => change({ extra: { ...draft.extra, [f.name]: value ?? '' } })}
                  options={f.options.map((o) => ({ value: o.id, label: inLanguage(o.name, i18n.language) }))}
                />
              ) : (
                <Input id={id} value={draft.extra[f.name] ?? ''} onChange={(e) => change({ extra: { ...draft.extra, [f.name]: e.target.value } })} maxLength={f.max_length || 64} autoComplete="off" />
              )
            }
          </Item>
        ))}
      </div>
      <Item label={t('payouts.note')}>
        {(id) => <Input.TextArea id={id} rows={2} value={draft.note} onChange={(e) => change({ note: e.target.value })} maxLength={200} showCount />}
      </Item>
    </>
  );
}
