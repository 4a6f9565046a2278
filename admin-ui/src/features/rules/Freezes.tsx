import { StopOutlined } from '@ant-design/icons';
import { Button, Checkbox, Form, Input, Modal, type TableColumnsType } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Actor } from '@/components/Actor';
import { BeijingTime } from '@/components/BeijingTime';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { ListBody } from '@/components/ListPage';
import { Section } from '@/components/Section';
import { StatusTag } from '@/components/StatusTag';
import { useMay } from '@/lib/permissions';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { type Freeze, useFreeze, useFreezes, useLift } from './api';
import { ScopeFields, useScopeName } from './Scope';

/** What is frozen, by whom and why; freezing and lifting. */
export function Freezes({ tenantId }: { tenantId: string | undefined }) {
  const { t } = useTranslation();
  const may = useMay();
  const { search, change } = useFilters();
  const all = search.get('lifted') === 'yes';
  const query = useFreezes(tenantId, !all);
  const scope = useScopeName(tenantId);
  const [dialog, setDialog] = useState<Freeze | 'new' | null>(null);
  const lift = (f: Freeze) => <Lift freeze={f} onLift={() => setDialog(f)} />;
  const columns: TableColumnsType<Freeze> = [
    { title: t('rules.scope'), key: 'scope', render: (_, f) => scope(f) },
    { title: t('rules.reason'), key: 'reason', render: (_, f) => <span className="zg-break">{f.reason}</span> },
    { title: t('rules.frozenBy'), key: 'by', render: (_, f) => <Who tenantId={tenantId} actor={f.frozen_by} at={f.frozen_at}>{t(`rules.layers.${f.layer}`)}</Who> },
    { title: t('common.status'), key: 'state', render: (_, f) => <State tenantId={tenantId} freeze={f} /> },
    { title: <span className="zg-sr-only">{t('common.actions')}</span>, key: 'actions', align: 'right', render: (_, f) => lift(f) },
  ];
  return (
    <Section
      title={t('rules.freezes')}
      extra={
        <span className="zg-row">
          <Checkbox checked={all} onChange={(e) => change({ lifted: e.target.checked ? 'yes' : undefined })}>{t('rules.showLifted')}</Checkbox>
          {may('freezes:create') && <Button danger icon={<StopOutlined aria-hidden="true" />} onClick={() => setDialog('new')}>{t('rules.freeze')}</Button>}
        </span>
      }
      flush
      testId="freezes"
    >
      <ListBody<Freeze>
        title={t('rules.freezes')}
        query={query}
        rowKey={(f) => f.id}
        columns={columns}
        card={(f) => (
          <div>
            <span className="zg-spread"><span className="zg-strong">{scope(f)}</span><State tenantId={tenantId} freeze={f} /></span>
            <span className="zg-break">{f.reason}</span>
            <Who tenantId={tenantId} actor={f.frozen_by} at={f.frozen_at} />
            {lift(f)}
          </div>
        )}
        empty={{ title: t('rules.freezesEmpty'), hint: t('rules.freezesEmptyHint') }}
      />
      <Modal open={dialog === 'new'} title={t('rules.freezeTitle')} footer={null} onCancel={() => setDialog(null)} destroyOnHidden mask={{ closable: false }}>
        <FreezeForm tenantId={tenantId} onClose={() => setDialog(null)} />
      </Modal>
      <Modal open={dialog !== null && dialog !== 'new'} title={t('rules.liftTitle')} footer={null} onCancel={() => setDialog(null)} destroyOnHidden mask={{ closable: false }}>
        {dialog && dialog !== 'new' && <LiftForm tenantId={tenantId} freeze={dialog} name={scope(dialog)} onClose={() => setDialog(null)} />}
      </Modal>
    </Section>
  );
}

function Who({ tenantId, actor, at, children }: { tenantId: string | undefined; actor: string; at: string; children?: ReactNode }) {
  return (
    <div className="zg-cell zg-small">
      <div>{children} <Actor actor={actor} tenant={tenantId} /></div>
      <div className="zg-muted"><BeijingTime at={at} /></div>
    </div>
  );
}

function State({ tenantId, freeze: f }: { tenantId: string | undefined; freeze: Freeze }) {
  const { t } = useTranslation();
  if (!f.lifted_at) return <StatusTag tone="bad">{t('rules.inForce')}</StatusTag>;
  return (
    <div className="zg-cell">
      <StatusTag tone="over">{t('rules.lifted')}</StatusTag>
      <Who tenantId={tenantId} actor={f.lifted_by ?? ''} at={f.lifted_at} />
      <div className="zg-muted zg-small zg-break">{f.lift_reason}</div>
    </div>
  );
}

function Lift({ freeze, onLift }: { freeze: Freeze; onLift: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const { me } = useSession();
  if (freeze.lifted_at || !may('freezes:lift') || (freeze.layer === 'platform' && !me.platform)) return null;
  return <Button size="small" onClick={onLift}>{t('rules.lift')}</Button>;
}

function FreezeForm({ tenantId, onClose }: { tenantId: string | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const freeze = useFreeze(tenantId);
  const [scope, setScope] = useState<{ account?: string; method?: string }>({});
  const body = (reason: string) => ({ reason, ...(scope.account ? { account_id: scope.account } : {}), ...(scope.method ? { method: scope.method as NonNullable<Freeze['method']> } : {}) });
  return (
    <ReasonForm lead={t('rules.freezeHint')} label={t('rules.reasonTold')} submit={t('rules.freeze')} danger busy={freeze.isPending} error={freeze.error} onClose={onClose} onReason={(reason) => freeze.mutate(body(reason), { onSuccess: onClose })}>
      <ScopeFields tenantId={tenantId} {...scope} withMethod onChange={setScope} />
    </ReasonForm>
  );
}

function LiftForm({ tenantId, freeze, name, onClose }: { tenantId: string | undefined; freeze: Freeze; name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const lift = useLift(tenantId);
  return (
    <ReasonForm lead={t('rules.liftHint', { scope: name, reason: freeze.reason })} label={t('rules.liftReason')} submit={t('rules.lift')} busy={lift.isPending} error={lift.error} onClose={onClose} onReason={(reason) => lift.mutate({ id: freeze.id, reason }, { onSuccess: onClose })} />
  );
}

interface ReasonFormProps {
  lead: string;
  label: string;
  submit: string;
  danger?: boolean;
  busy: boolean;
  error: unknown;
  onClose: () => void;
  onReason: (reason: string) => void;
  children?: ReactNode;
}

/** Asks why, before something is stopped or let go on. */
function ReasonForm({ lead, label, submit, danger, busy, error, onClose, onReason, children }: ReasonFormProps) {
  const { t } = useTranslation();
  const wrong = fieldError(t, error, 'reason');
  return (
    <Form<{ reason: string }> layout="vertical" requiredMark={false} onFinish={({ reason }) => !busy && onReason(reason.trim())} data-testid="reason-form">
      <p className="zg-muted zg-modal-lead zg-break">{lead}</p>
      {children}
      <Form.Item name="reason" label={label} rules={[{ required: true, whitespace: true, message: t('rules.reasonRequired') }]} {...(wrong ? { validateStatus: 'error' as const, help: wrong } : {})}>
        <Input.TextArea rows={2} maxLength={200} showCount autoFocus={!children} />
      </Form.Item>
      {Boolean(error) && !wrong && <Form.Item><ErrorSentence error={error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="primary" danger={danger} htmlType="submit" loading={busy}>{submit}</Button>
      </div>
    </Form>
  );
}
