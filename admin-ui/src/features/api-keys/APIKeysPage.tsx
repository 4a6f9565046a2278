import { PlusOutlined } from '@ant-design/icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal, Select, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Actor } from '@/components/Actor';
import { BeijingTime } from '@/components/BeijingTime';
import { CopyText } from '@/components/CopyText';
import { ErrorSentence, errorSentence, fieldError } from '@/components/ErrorSentence';
import { ListBody } from '@/components/ListPage';
import { PageHead } from '@/components/PageHead';
import { PermissionGate } from '@/components/PermissionGate';
import { StatusTag } from '@/components/StatusTag';
import { TenantOnly } from '@/components/TenantOnly';
import { api, call, type Schemas } from '@/lib/api/client';
import { asApiError } from '@/lib/api/error';
import { useNow } from '@/lib/now';
import { useMay } from '@/lib/permissions';
import { useRefresh } from '@/lib/queries';
import { useSession } from '@/lib/session';

type Key = Schemas['APIKey'];
type Role = Schemas['Role'];
interface Input {
  name: string;
  role: Role;
  /** 0: it never ends. */
  days: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const lives = [0, 30, 90, 180, 365];
const roles: Role[] = ['tenant_developer', 'tenant_cashier', 'tenant_finance', 'tenant_viewer', 'tenant_owner'];

export default function APIKeysPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const [creating, setCreating] = useState(false);
  return (
    <div className="zg-page">
      <PageHead
        title={t('nav.apiKeys')}
        lead={t('apiKeys.lead')}
        actions={
          <>
            <a className="zg-link-button" href="/docs" target="_blank" rel="noreferrer">{t('apiKeys.docs')}</a>
            {tenantId && (
              <PermissionGate may="apikeys:create">
                <Button type="primary" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setCreating(true)}>{t('apiKeys.new')}</Button>
              </PermissionGate>
            )}
          </>
        }
      />
      <TenantOnly>
        <Keys />
      </TenantOnly>
      <Modal open={creating} title={t('apiKeys.new')} footer={null} onCancel={() => setCreating(false)} mask={{ closable: false }} destroyOnHidden>
        <NewKey onClose={() => setCreating(false)} />
      </Modal>
    </div>
  );
}

function Keys() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const may = useMay();
  const query = useQuery({ queryKey: ['apikeys'], queryFn: () => call(() => api.GET('/v1/api-keys')), enabled: may('apikeys:read') });
  const columns: TableColumnsType<Key> = [
    { title: t('apiKeys.name'), key: 'name', render: (_, k) => k.name },
    { title: t('apiKeys.prefix'), key: 'prefix', render: (_, k) => <span className="zg-mono zg-nowrap">{k.prefix}…</span> },
    { title: t('team.role'), key: 'role', render: (_, k) => <Scope value={k} /> },
    {
      title: t('common.createdAt'),
      key: 'created',
      render: (_, k) => (
        <div className="zg-cell">
          <BeijingTime at={k.created_at} />
          <div className="zg-muted zg-small"><Actor actor={k.created_by} tenant={tenantId} /></div>
        </div>
      ),
    },
    { title: t('apiKeys.lastUsed'), key: 'used', render: (_, k) => <LastUse value={k} /> },
    { title: t('common.status'), key: 'status', render: (_, k) => <KeyStatus value={k} /> },
    { title: <span className="zg-sr-only">{t('common.actions')}</span>, key: 'actions', align: 'right', render: (_, k) => <Revoke value={k} /> },
  ];
  return (
    <ListBody<Key>
      title={t('nav.apiKeys')}
      query={query}
      rowKey={(k) => k.id}
      columns={columns}
      card={(k) => (
        <div>
          <span className="zg-spread"><span className="zg-strong">{k.name}</span><KeyStatus value={k} /></span>
          <span className="zg-spread zg-small"><span className="zg-mono zg-muted zg-nowrap">{k.prefix}…</span><span>{t(`roles.${k.role}`)}</span></span>
          <span className="zg-spread zg-small"><span className="zg-muted">{t('apiKeys.lastUsed')}</span><LastUse value={k} /></span>
          <Revoke value={k} />
        </div>
      )}
      empty={{ title: t('apiKeys.empty'), hint: t('apiKeys.emptyHint') }}
    />
  );
}

/** What a key may do, by the name of its role and in words. */
function Scope({ value: k }: { value: Key }) {
  const { t } = useTranslation();
  return (
    <div className="zg-cell">
      <div>{t(`roles.${k.role}`)}</div>
      <div className="zg-muted zg-small">{t(`apiKeys.scopes.${k.role}`, { defaultValue: '' })}</div>
    </div>
  );
}

/** When and from where a key was last used, with the way to what it asked. */
function LastUse({ value: k }: { value: Key }) {
  const { t } = useTranslation();
  if (!k.last_used_at) return <span className="zg-muted">{t('apiKeys.neverUsed')}</span>;
  return (
    <div className="zg-cell" data-testid="key-last-use">
      <BeijingTime at={k.last_used_at} />
      <div className="zg-muted zg-small">
        <span className="zg-mono">{k.last_used_ip}</span>
        <PermissionGate may="requests:read"> <Link to={`/request-log?key=${k.id}`}>{t('apiKeys.requests')}</Link></PermissionGate>
      </div>
    </div>
  );
}

function KeyStatus({ value: k }: { value: Key }) {
  const { t } = useTranslation();
  const now = useNow();
  const over = k.revoked_at ? 'revoked' : k.expires_at && new Date(k.expires_at).getTime() <= now ? 'expired' : undefined;
  const until = k.revoked_at ?? k.expires_at;
  return (
    <div className="zg-cell">
      <StatusTag tone={over ? 'over' : 'good'}>{t(`apiKeys.${over ?? 'active'}`)}</StatusTag>
      {until && <div className="zg-muted zg-small">{t(k.revoked_at ? 'apiKeys.revokedAt' : 'apiKeys.expiresAt')} <BeijingTime at={until} /></div>}
    </div>
  );
}

function Revoke({ value }: { value: Key }) {
  const { t } = useTranslation();
  const { modal, message } = App.useApp();
  const may = useMay();
  const refresh = useRefresh();
  const revoke = useMutation({
    mutationFn: () => call(() => api.DELETE('/v1/api-keys/{key_id}', { params: { path: { key_id: value.id } } })),
    onSuccess: () => refresh('apikeys'),
    onError: (error) => void message.error(errorSentence(t, asApiError(error))),
  });
  if (value.revoked_at || !may('apikeys:revoke')) return null;
  const ask = () =>
    void modal.confirm({
      title: t('apiKeys.revokeTitle', { name: value.name }),
      content: t('apiKeys.revokeHint'),
      okText: t('apiKeys.revoke'),
      cancelText: t('common.cancel'),
      okButtonProps: { danger: true },
      onOk: () => revoke.mutateAsync().catch(() => undefined),
    });
  return <Button danger size="small" onClick={ask}>{t('apiKeys.revoke')}</Button>;
}

function NewKey({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const create = useMutation({
    mutationFn: ({ name, role, days }: Input) => call(() => api.POST('/v1/api-keys', { body: { name: name.trim(), role, ...(days > 0 && { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() }) } })),
    onSuccess: () => refresh('apikeys'),
  });
  if (create.data) {
    return (
      <div className="zg-stack">
        <div className="zg-once" role="status" data-testid="api-key-secret">
          <p className="zg-strong">{t('apiKeys.ready', { name: create.data.api_key.name })}</p>
          <CopyText text={create.data.secret} label={t('apiKeys.secret')} />
          <p className="zg-muted zg-small">{t('common.showOnce')} {t('apiKeys.keepHint')}</p>
        </div>
        <div className="zg-actions zg-actions-end">
          <Button type="primary" onClick={onClose}>{t('common.done')}</Button>
        </div>
      </div>
    );
  }
  const nameError = fieldError(t, create.error, '/name');
  return (
    <Form<Input> layout="vertical" initialValues={{ role: 'tenant_developer', days: 0 }} onFinish={(values) => !create.isPending && create.mutate(values)} data-testid="api-key-form">
      <Form.Item name="name" label={t('apiKeys.name')} extra={t('apiKeys.nameHint')} rules={[{ required: true, whitespace: true, message: t('apiKeys.nameRequired') }]} {...(nameError ? { validateStatus: 'error', help: nameError } : {})}>
        <Input maxLength={100} autoFocus autoComplete="off" />
      </Form.Item>
      <Form.Item name="role" label={t('apiKeys.may')}>
        <Select
          options={roles.map((r) => ({ value: r, label: t(`roles.${r}`) }))}
          optionRender={(option) => (
            <div className="zg-cell">
              <div>{option.label}</div>
              <div className="zg-muted zg-small">{t(`apiKeys.scopes.${option.value as Role}`)}</div>
            </div>
          )}
        />
      </Form.Item>
      <Form.Item name="days" label={t('apiKeys.expires')}>
        <Select options={lives.map((days) => ({ value: days, label: days === 0 ? t('apiKeys.expiresNever') : t('apiKeys.expiresIn', { count: days }) }))} />
      </Form.Item>
      {create.error && !nameError && <Form.Item><ErrorSentence error={create.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={create.isPending}>{t('apiKeys.create')}</Button>
      </div>
    </Form>
  );
}
