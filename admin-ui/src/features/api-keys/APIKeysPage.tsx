import { PlusOutlined } from '@ant-design/icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal, Select, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
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
import { useMay } from '@/lib/permissions';
import { useRefresh } from '@/lib/queries';
import { useSession } from '@/lib/session';

type Key = Schemas['APIKey'];
type Role = Schemas['Role'];
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
  const may = useMay();
  const query = useQuery({ queryKey: ['apikeys'], queryFn: () => call(() => api.GET('/v1/api-keys')), enabled: may('apikeys:read') });
  const columns: TableColumnsType<Key> = [
    { title: t('apiKeys.name'), key: 'name', render: (_, k) => k.name },
    { title: t('apiKeys.prefix'), key: 'prefix', render: (_, k) => <span className="zg-mono">{k.prefix}…</span> },
    { title: t('team.role'), key: 'role', render: (_, k) => t(`roles.${k.role}`) },
    { title: t('common.createdAt'), key: 'created', render: (_, k) => <BeijingTime at={k.created_at} /> },
    { title: t('apiKeys.lastUsed'), key: 'used', render: (_, k) => <BeijingTime at={k.last_used_at} empty={t('apiKeys.neverUsed')} /> },
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
          <span className="zg-mono zg-muted zg-small">{k.prefix}…</span>
          <Revoke value={k} />
        </div>
      )}
      empty={{ title: t('apiKeys.empty'), hint: t('apiKeys.emptyHint') }}
    />
  );
}

function KeyStatus({ value }: { value: Key }) {
  const { t } = useTranslation();
  return <StatusTag tone={value.revoked_at ? 'over' : 'good'}>{value.revoked_at ? t('apiKeys.revoked') : t('apiKeys.active')}</StatusTag>;
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
    mutationFn: (body: { name: string; role: Role }) => call(() => api.POST('/v1/api-keys', { body: { name: body.name.trim(), role: body.role } })),
    onSuccess: () => refresh('apikeys'),
  });
  if (create.data) {
    return (
      <div className="zg-stack">
        <div className="zg-once" role="status" data-testid="api-key-secret">
          <p className="zg-strong">{t('apiKeys.ready', { name: create.data.api_key.name })}</p>
          <CopyText text={create.data.secret} label={t('apiKeys.secret')} />
          <p className="zg-muted zg-small">{t('common.showOnce')}</p>
        </div>
        <div className="zg-actions zg-actions-end">
          <Button type="primary" onClick={onClose}>{t('common.done')}</Button>
        </div>
      </div>
    );
  }
  const nameError = fieldError(t, create.error, '/name');
  return (
    <Form<{ name: string; role: Role }> layout="vertical" initialValues={{ role: 'tenant_developer' }} onFinish={(values) => !create.isPending && create.mutate(values)} data-testid="api-key-form">
      <Form.Item name="name" label={t('apiKeys.name')} extra={t('apiKeys.nameHint')} rules={[{ required: true, whitespace: true, message: t('apiKeys.nameRequired') }]} {...(nameError ? { validateStatus: 'error', help: nameError } : {})}>
        <Input maxLength={100} autoFocus autoComplete="off" />
      </Form.Item>
      <Form.Item name="role" label={t('team.role')}>
        <Select options={roles.map((r) => ({ value: r, label: t(`roles.${r}`) }))} />
      </Form.Item>
      {create.error && !nameError && <Form.Item><ErrorSentence error={create.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={create.isPending}>{t('apiKeys.create')}</Button>
      </div>
    </Form>
  );
}
