import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { App, Button, Input, InputNumber, Select, Skeleton } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence } from '@/components/ErrorSentence';
import { PageHead } from '@/components/PageHead';
import { Section } from '@/components/Section';
import { TenantOnly } from '@/components/TenantOnly';
import type { Schemas } from '@/lib/api/client';
import { useApprovalTiers } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { approvalKinds, useSetTiers } from './api';
import { type Draft, draftOf, makers, problemOf, requestOf } from './tiers';

/** From which amount on how many people must agree. */
export default function TiersPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const query = useApprovalTiers(tenantId);
  return (
    <div className="zg-page">
      <PageHead title={t('approvals.tiers')} lead={t('approvals.tiersLead')} back={{ to: '/approvals', label: t('nav.approvals') }} />
      <TenantOnly>
        {Boolean(query.error) && <ErrorSentence error={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && !query.error && <div className="zg-card zg-card-pad" aria-busy="true"><Skeleton active /></div>}
        {query.data && <TiersForm key={query.dataUpdatedAt} tiers={query.data} tenantId={tenantId} />}
      </TenantOnly>
    </div>
  );
}

function TiersForm({ tiers, tenantId }: { tiers: Schemas['ApprovalTier'][]; tenantId: string | undefined }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const save = useSetTiers(tenantId);
  const [drafts, setDrafts] = useState<Draft[]>(() => tiers.map(draftOf));
  const [checked, setChecked] = useState(false);
  const change = (key: string, values: Partial<Draft>) => setDrafts((all) => all.map((d) => (d.key === key ? { ...d, ...values } : d)));
  const submit = () => {
    setChecked(true);
    if (drafts.some((d) => problemOf(d))) return;
    save.mutate(drafts.map(requestOf), { onSuccess: () => void message.success(t('approvals.tiersSaved')) });
  };
  return (
    <form
      className="zg-stack"
      data-testid="tiers-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {approvalKinds.map((kind) => (
        <Section
          key={kind}
          title={t(`approvals.kinds.${kind}`)}
          extra={
            <Button size="small" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setDrafts((all) => [...all, draftOf({ kind, from: 0, needed: 1 })])}>
              {t('approvals.tierAdd')}
            </Button>
          }
        >
          <p className="zg-muted zg-small">{t(kind === 'refund' ? 'approvals.tiersRefund' : 'approvals.tiersOther')}</p>
          <ul className="zg-stack-tight">
            {drafts.filter((d) => d.kind === kind).map((d) => (
              <li key={d.key} className="zg-row" data-testid={`tier-${kind}`}>
                <TierRow draft={d} checked={checked} onChange={(values) => change(d.key, values)} onRemove={() => setDrafts((all) => all.filter((o) => o.key !== d.key))} />
              </li>
            ))}
          </ul>
        </Section>
      ))}
      {save.error && <ErrorSentence error={save.error} />}
      <div className="zg-actions">
        <Button type="primary" htmlType="submit" loading={save.isPending}>{t('common.save')}</Button>
      </div>
    </form>
  );
}

function TierRow({ draft, checked, onChange, onRemove }: { draft: Draft; checked: boolean; onChange: (values: Partial<Draft>) => void; onRemove: () => void }) {
  const { t } = useTranslation();
  const problem = checked ? problemOf(draft) : undefined;
  return (
    <>
      <Select
        className="zg-filter-wide"
        aria-label={t('approvals.tierRole')}
        value={draft.role}
        onChange={(role: Draft['role']) => onChange({ role })}
        options={[{ value: '', label: t('approvals.tierAnyRole') }, ...makers.map((r) => ({ value: r, label: t(`roles.${r}`) }))]}
      />
      <Input
        className="zg-filter"
        prefix="¥"
        inputMode="decimal"
        aria-label={t('approvals.tierFrom')}
        aria-invalid={Boolean(problem)}
        status={problem ? 'error' : undefined}
        value={draft.from}
        onChange={(e) => onChange({ from: e.target.value })}
        maxLength={16}
      />
      <span>{t('approvals.tierFromOn')}</span>
      <InputNumber aria-label={t('approvals.tierNeeded')} min={draft.kind === 'refund' ? 0 : 1} max={5} value={draft.needed} onChange={(needed) => onChange({ needed: needed ?? 1 })} />
      <span>{t('approvals.tierPeople')}</span>
      <Button type="text" icon={<DeleteOutlined aria-hidden="true" />} aria-label={t('approvals.tierRemove')} onClick={onRemove} />
      {problem && <span className="zg-tone-bad zg-small" role="alert">{t(`amount.${problem}`)}</span>}
    </>
  );
}
