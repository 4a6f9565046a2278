import { Alert, App, Button, Form, Input, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { formatFen } from '@/lib/money';
import { useSession } from '@/lib/session';
import { type Limit, useSetLimit } from './api';
import { type LimitDraft, limitDraft, limitProblems, limitRequest } from './rules';
import { ScopeFields } from './Scope';

interface LimitFormProps {
  tenantId: string | undefined;
  limit?: Limit;
  present: Limit[];
  onClose: () => void;
}

/** Sets the limits of one scope. What is left empty is no limit. */
export function LimitForm({ tenantId, limit, present, onClose }: LimitFormProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { me } = useSession();
  const save = useSetLimit(tenantId);
  const [draft, setDraft] = useState(() => limitDraft(limit));
  const [checked, setChecked] = useState(false);
  const set = (values: Partial<LimitDraft>) => setDraft((d) => ({ ...d, ...values }));
  const problems = checked ? limitProblems(draft) : {};
  const said = (field: 'single' | 'daily') => {
    const problem = problems[field];
    if (problem === 'none' || problem === 'overDaily') return t(`rules.problems.${problem}`);
    return problem ? t(`amount.${problem}`) : fieldError(t, save.error, field);
  };
  const submit = () => {
    setChecked(true);
    if (save.isPending || Object.keys(limitProblems(draft)).length > 0) return;
    save.mutate(limitRequest(draft), {
      onSuccess: () => {
        void message.success(t('rules.saved'));
        onClose();
      },
    });
  };
  const request = limitRequest(draft);
  const same = (l: Limit) => l.account_id === request.account_id && l.method === request.method && l.spending === request.spending;
  const platforms = me.platform ? undefined : present.find((l) => l.layer === 'platform' && same(l));
  const replaces = !limit && present.some((l) => l.layer === (me.platform ? 'platform' : 'tenant') && same(l));
  const beside = Boolean(said('single') ?? said('daily'));
  return (
    <Form layout="vertical" requiredMark={false} onFinish={submit} autoComplete="off" data-testid="limit-form">
      <Form.Item label={t('rules.kind')}>
        <Segmented
          aria-label={t('rules.kind')}
          disabled={Boolean(limit)}
          value={draft.spending}
          options={(['payment', 'payout'] as const).map((value) => ({ value, label: t(`rules.spending.${value}`) }))}
          onChange={(spending) => set({ spending })}
        />
      </Form.Item>
      <ScopeFields tenantId={tenantId} account={draft.account} method={draft.method} withMethod={draft.spending === 'payment'} disabled={Boolean(limit)} onChange={({ account, method }) => set({ account, method })} />
      <div className="zg-pair">
        <AmountItem id="limit-single" label={t('rules.single')} hint={t('rules.singleHint')} value={draft.single} error={said('single')} onChange={(single) => set({ single })} />
        <AmountItem id="limit-daily" label={t('rules.daily')} hint={t('rules.dailyHint')} value={draft.daily} error={said('daily')} onChange={(daily) => set({ daily })} />
      </div>
      {replaces && <Form.Item><Alert type="info" showIcon title={t('rules.replaces')} /></Form.Item>}
      {platforms && (
        <p className="zg-muted zg-modal-lead">
          {t('rules.platformAllows', { single: platforms.single ? formatFen(platforms.single) : t('rules.noLimit'), daily: platforms.daily ? formatFen(platforms.daily) : t('rules.noLimit') })}
        </p>
      )}
      {save.error && !beside && <Form.Item><ErrorSentence error={save.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={save.isPending}>{t('common.save')}</Button>
      </div>
    </Form>
  );
}

interface AmountItemProps {
  id: string;
  label: string;
  hint?: string;
  value: string;
  error?: string;
  onChange: (value: string) => void;
}

/** A field for yuan. */
export function AmountItem({ id, label, hint, value, error, onChange }: AmountItemProps) {
  return (
    <Form.Item label={label} htmlFor={id} extra={hint} validateStatus={error ? 'error' : undefined} help={error}>
      <Input id={id} prefix="¥" inputMode="decimal" maxLength={20} value={value} onChange={(e) => onChange(e.target.value)} aria-invalid={Boolean(error)} />
    </Form.Item>
  );
}
