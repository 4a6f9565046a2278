import { Button, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { dayStart, isDay } from '@/lib/beijing';
import { useAccounts } from '@/lib/queries';
import { type FeeRate, useAddRate, useEndRate } from './api';
import { AmountItem } from './LimitForm';
import { basisPoints, optionalFen } from './rules';
import { useMethodOptions } from './Scope';

const PAYOUT = 'payout';
const empty = { account: undefined as string | undefined, method: undefined as string | undefined, rate: '', minimum: '', maximum: '', perPayout: '', from: '' };

type Draft = typeof empty;

/** The sentences for what is wrong with a draft, by field, as keys. */
function problemsOf(d: Draft): Partial<Record<keyof Draft, string>> {
  const out: Partial<Record<keyof Draft, string>> = {};
  if (!d.account) out.account = 'rules.problems.account';
  if (!d.method) out.method = 'rules.problems.method';
  if (basisPoints(d.rate) === undefined) out.rate = 'rules.problems.rate';
  for (const field of ['minimum', 'maximum', 'perPayout'] as const) {
    const { problem } = optionalFen(d[field]);
    if (problem && problem !== 'zero') out[field] = `amount.${problem}`;
  }
  return out;
}

/** Adds a rate. It is never changed afterwards, only ended. */
export function RateForm({ tenantId, onClose }: { tenantId: string | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const save = useAddRate(tenantId);
  const accounts = useAccounts(tenantId).data ?? [];
  const [draft, setDraft] = useState(empty);
  const [checked, setChecked] = useState(false);
  const methods = useMethodOptions(tenantId, draft.account);
  const set = (values: Partial<Draft>) => setDraft((d) => ({ ...d, ...values }));
  const problems = checked ? problemsOf(draft) : {};
  const said = (field: keyof Draft, param: string) => (problems[field] ? t(problems[field]) : fieldError(t, save.error, param));
  const submit = () => {
    setChecked(true);
    if (save.isPending || Object.keys(problemsOf(draft)).length > 0) return;
    const fen = (text: string) => optionalFen(text).fen ?? 0;
    save.mutate(
      {
        account_id: draft.account!,
        method: draft.method!,
        basis_points: basisPoints(draft.rate)!,
        minimum: fen(draft.minimum),
        maximum: fen(draft.maximum),
        per_payout: draft.method === PAYOUT ? fen(draft.perPayout) : 0,
        ...(isDay(draft.from) ? { valid_from: dayStart(draft.from) } : {}),
      },
      { onSuccess: onClose },
    );
  };
  const fields: [keyof Draft, string][] = [['account', 'account_id'], ['method', 'method'], ['rate', 'basis_points'], ['minimum', 'minimum'], ['maximum', 'maximum'], ['perPayout', 'per_payout'], ['from', 'valid_from']];
  const beside = fields.some(([field, param]) => said(field, param));
  const item = (field: keyof Draft, param: string) => {
    const sentence = said(field, param);
    return { htmlFor: `rate-${field}`, ...(sentence ? { validateStatus: 'error' as const, help: sentence } : {}) };
  };
  return (
    <Form layout="vertical" requiredMark={false} onFinish={submit} autoComplete="off" data-testid="rate-form">
      <div className="zg-pair">
        <Form.Item label={t('rules.account')} {...item('account', 'account_id')}>
          <Select id="rate-account" value={draft.account} onChange={(account: string) => set({ account, method: undefined })} options={accounts.map((a) => ({ value: a.id, label: a.name }))} />
        </Form.Item>
        <Form.Item label={t('rules.method')} {...item('method', 'method')}>
          <Select id="rate-method" disabled={!draft.account} value={draft.method} onChange={(method: string) => set({ method })} options={[...methods, { value: PAYOUT, label: t('rules.spending.payout') }]} />
        </Form.Item>
        <Form.Item label={t('rules.rate')} extra={t('rules.rateHint')} {...item('rate', 'basis_points')}>
          <Input id="rate-rate" suffix="%" inputMode="decimal" maxLength={8} value={draft.rate} onChange={(e) => set({ rate: e.target.value })} />
        </Form.Item>
        <Form.Item label={t('rules.validFrom')} extra={t('rules.validFromHint')} {...item('from', 'valid_from')}>
          <Input id="rate-from" type="date" value={draft.from} onChange={(e) => set({ from: e.target.value })} />
        </Form.Item>
        <AmountItem id="rate-minimum" label={t('rules.least')} hint={t('rules.boundHint')} value={draft.minimum} error={said('minimum', 'minimum')} onChange={(minimum) => set({ minimum })} />
        <AmountItem id="rate-maximum" label={t('rules.most')} hint={t('rules.boundHint')} value={draft.maximum} error={said('maximum', 'maximum')} onChange={(maximum) => set({ maximum })} />
        {draft.method === PAYOUT && <AmountItem id="rate-perPayout" label={t('rules.perPayout')} value={draft.perPayout} error={said('perPayout', 'per_payout')} onChange={(perPayout) => set({ perPayout })} />}
      </div>
      {save.error && !beside && <Form.Item><ErrorSentence error={save.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={save.isPending}>{t('common.save')}</Button>
      </div>
    </Form>
  );
}

/** Ends a rate, now or at the beginning of a day. */
export function EndRateForm({ tenantId, rate, name, onClose }: { tenantId: string | undefined; rate: FeeRate; name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const end = useEndRate(tenantId);
  const wrong = fieldError(t, end.error, 'valid_to');
  return (
    <Form<{ day?: string }> layout="vertical" requiredMark={false} onFinish={({ day }) => !end.isPending && end.mutate({ id: rate.id, ...(day && isDay(day) ? { at: dayStart(day) } : {}) }, { onSuccess: onClose })}>
      <p className="zg-muted zg-modal-lead">{t('rules.endHint', { scope: name })}</p>
      <Form.Item name="day" label={t('rules.endDay')} extra={t('rules.endDayHint')} {...(wrong ? { validateStatus: 'error' as const, help: wrong } : {})}>
        <Input type="date" />
      </Form.Item>
      {end.error && !wrong && <Form.Item><ErrorSentence error={end.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="primary" danger htmlType="submit" loading={end.isPending}>{t('rules.endRate')}</Button>
      </div>
    </Form>
  );
}
