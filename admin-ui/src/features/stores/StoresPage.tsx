import { PlusOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BeijingTime } from '@/components/BeijingTime';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { ListBody } from '@/components/ListPage';
import { PageHead } from '@/components/PageHead';
import { PermissionGate } from '@/components/PermissionGate';
import { TenantOnly } from '@/components/TenantOnly';
import { api, call, type Schemas } from '@/lib/api/client';
import { type Store, useRefresh, useStores, useTerminals } from '@/lib/queries';
import { useSession } from '@/lib/session';

type Terminal = Schemas['Terminal'];

export default function StoresPage() {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<'store' | 'terminal' | null>(null);
  const { tenantId } = useSession();
  const stores = useStores(tenantId);
  const terminals = useTerminals(tenantId);
  const storeName = (id: string) => stores.data?.find((s) => s.id === id)?.name ?? id;
  return (
    <div className="zg-page">
      <PageHead
        title={t('nav.stores')}
        lead={t('stores.lead')}
        actions={
          tenantId && (
            <PermissionGate may="stores:create">
              <Button onClick={() => setDialog('terminal')} disabled={!stores.data?.length}>{t('stores.newTerminal')}</Button>
              <Button type="primary" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setDialog('store')}>{t('stores.new')}</Button>
            </PermissionGate>
          )
        }
      />
      <TenantOnly>
        <ListBody<Store>
          title={t('nav.stores')}
          query={{ ...stores, data: stores.data && { items: stores.data } }}
          rowKey={(s) => s.id}
          columns={[
            { title: t('common.name'), key: 'name', render: (_, s) => s.name },
            { title: t('stores.code'), key: 'code', render: (_, s) => <span className="zg-mono">{s.code}</span> },
            { title: t('stores.terminals'), key: 'terminals', render: (_, s) => terminals.data?.filter((x) => x.store_id === s.id).length ?? 0 },
            { title: t('common.createdAt'), key: 'created', render: (_, s) => <BeijingTime at={s.created_at} /> },
          ]}
          card={(s) => (
            <div>
              <span className="zg-strong">{s.name}</span>
              <span className="zg-mono zg-muted zg-small">{s.code}</span>
            </div>
          )}
          empty={{ title: t('stores.empty'), hint: t('stores.emptyHint') }}
        />
        <h2 className="zg-subhead">{t('stores.terminals')}</h2>
        <ListBody<Terminal>
          title={t('stores.terminals')}
          query={{ ...terminals, data: terminals.data && { items: terminals.data } }}
          rowKey={(x) => x.id}
          columns={[
            { title: t('common.name'), key: 'name', render: (_, x) => x.name },
            { title: t('stores.one'), key: 'store', render: (_, x) => storeName(x.store_id) },
            { title: t('stores.terminalCode'), key: 'code', render: (_, x) => <span className="zg-mono">{x.code}</span> },
            { title: t('common.createdAt'), key: 'created', render: (_, x) => <BeijingTime at={x.created_at} /> },
          ]}
          card={(x) => (
            <div>
              <span className="zg-strong">{x.name}</span>
              <span className="zg-muted zg-small">{storeName(x.store_id)}</span>
            </div>
          )}
          empty={{ title: t('stores.noTerminals'), hint: t('stores.noTerminalsHint') }}
        />
      </TenantOnly>
      <StoreDialog kind={dialog} stores={stores.data ?? []} onClose={() => setDialog(null)} />
    </div>
  );
}

interface Values {
  name: string;
  code?: string;
  store_id?: string;
}

function StoreDialog({ kind, stores, onClose }: { kind: 'store' | 'terminal' | null; stores: Store[]; onClose: () => void }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const save = useMutation<unknown, Error, Values>({
    mutationFn: ({ name, code = '', store_id }) =>
      store_id ? call(() => api.POST('/v1/terminals', { body: { store_id, name: name.trim(), code: code.trim() } })) : call(() => api.POST('/v1/stores', { body: { name: name.trim(), code: code.trim() } })),
    onSuccess: () => refresh('stores', 'terminals'),
  });
  const problem = (field: string) => {
    const sentence = fieldError(t, save.error, `/${field}`);
    return sentence ? { validateStatus: 'error' as const, help: sentence } : {};
  };
  const close = () => {
    save.reset();
    onClose();
  };
  return (
    <Modal open={kind !== null} title={kind === 'terminal' ? t('stores.newTerminal') : t('stores.new')} footer={null} onCancel={close} destroyOnHidden>
      <Form<Values> layout="vertical" onFinish={(values) => !save.isPending && save.mutate(values, { onSuccess: close })} data-testid="store-form">
        {kind === 'terminal' && (
          <Form.Item name="store_id" label={t('stores.one')} rules={[{ required: true, message: t('stores.storeRequired') }]} {...problem('store_id')}>
            <Select options={stores.map((s) => ({ value: s.id, label: s.name }))} />
          </Form.Item>
        )}
        <Form.Item name="name" label={t('common.name')} rules={[{ required: true, whitespace: true, message: t('stores.nameRequired') }]} {...problem('name')}>
          <Input maxLength={100} autoComplete="off" />
        </Form.Item>
        <Form.Item name="code" label={kind === 'terminal' ? t('stores.terminalCode') : t('stores.code')} extra={t('stores.codeHint')} {...problem('code')}>
          <Input maxLength={64} autoComplete="off" />
        </Form.Item>
        {save.error && <Form.Item><ErrorSentence error={save.error} /></Form.Item>}
        <div className="zg-actions zg-actions-end">
          <Button onClick={close}>{t('common.cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={save.isPending}>{t('common.save')}</Button>
        </div>
      </Form>
    </Modal>
  );
}
