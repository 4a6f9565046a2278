import { Button, Form, Input, Modal, Radio, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EventType } from '@/components/Delivery';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { useEventTypes } from '@/lib/deliveries';
import { inLanguage } from '@/lib/schema';
import { type Settings, useCreate, useUpdate, type Webhook } from './api';
import { SecretOnce } from './Secrets';

/** Makes an endpoint and shows its secret once. */
export function CreateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const create = useCreate();
  return (
    <Modal open title={t('webhooks.new')} footer={null} onCancel={() => !create.isPending && onClose()} mask={{ closable: false }} width={620}>
      {create.data ? (
        <SecretOnce title={t('webhooks.created')} secret={create.data.secret} onClose={onClose} />
      ) : (
        <SettingsForm busy={create.isPending} error={create.error} submit={t('webhooks.create')} onSubmit={(s) => create.mutate(s)} onClose={onClose} />
      )}
    </Modal>
  );
}

/** Changes an endpoint's settings. */
export function EditDialog({ value, onClose }: { value: Webhook; onClose: () => void }) {
  const { t } = useTranslation();
  const update = useUpdate(value.id);
  return (
    <Modal open title={t('webhooks.edit')} footer={null} onCancel={() => !update.isPending && onClose()} mask={{ closable: false }} width={620}>
      <SettingsForm value={value} busy={update.isPending} error={update.error} submit={t('common.save')} onSubmit={(s) => update.mutate(s, { onSuccess: onClose })} onClose={onClose} />
    </Modal>
  );
}

interface FormProps {
  value?: Webhook;
  busy: boolean;
  error: unknown;
  submit: string;
  onSubmit: (settings: Settings) => void;
  onClose: () => void;
}

function SettingsForm({ value, busy, error, submit, onSubmit, onClose }: FormProps) {
  const { t } = useTranslation();
  const [all, setAll] = useState(!value || value.types.length === 0);
  const urlError = fieldError(t, error, '/url');
  const initial = { url: value?.url ?? '', description: value?.description ?? '', types: value?.types ?? [] };
  const finish = (typed: { url: string; description?: string; types?: string[] }) => {
    if (busy) return;
    onSubmit({ url: typed.url.trim(), description: (typed.description ?? '').trim(), types: all ? [] : (typed.types ?? []), enabled: value?.enabled ?? true });
  };
  return (
    <Form layout="vertical" initialValues={initial} onFinish={finish} data-testid="webhook-form">
      <Form.Item
        name="url"
        label={t('webhooks.url')}
        extra={t('webhooks.urlHint')}
        rules={[{ required: true, whitespace: true, message: t('webhooks.urlRequired') }]}
        {...(urlError ? { validateStatus: 'error', help: urlError } : {})}
      >
        <Input maxLength={2048} autoFocus={!value} autoComplete="off" inputMode="url" />
      </Form.Item>
      <Form.Item name="description" label={t('webhooks.description')} extra={t('webhooks.descriptionHint')}>
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
      <Form.Item label={t('webhooks.types')}>
        <Radio.Group
          value={all}
          onChange={(e) => setAll(e.target.value as boolean)}
          options={[{ value: true, label: t('webhooks.allTypes') }, { value: false, label: t('webhooks.someTypes') }]}
        />
      </Form.Item>
      {!all && <TypesField />}
      {Boolean(error) && !urlError && <Form.Item><ErrorSentence error={error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose} disabled={busy}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={busy}>{submit}</Button>
      </div>
    </Form>
  );
}

/** The types to be told of, each with its sentence, by what they are about. */
function TypesField() {
  const { t, i18n } = useTranslation();
  const types = useEventTypes().data ?? [];
  const groups = [...new Set(types.map((x) => x.type.split('.')[0]!))].filter((g) => g !== 'webhook');
  return (
    <Form.Item name="types" label={t('webhooks.whichTypes')} rules={[{ required: true, message: t('webhooks.typesRequired') }]}>
      <Select
        mode="multiple"
        showSearch={{ optionFilterProp: 'search' }}
        placeholder={t('webhooks.typesPlaceholder')}
        options={groups.map((group) => ({
          label: t(`webhooks.groups.${group}`, { defaultValue: group }),
          options: types
            .filter((x) => x.type.split('.')[0] === group)
            .map((x) => ({ value: x.type, label: x.type, search: `${x.type} ${inLanguage(x.description, i18n.language)}` })),
        }))}
        optionRender={(option) => <EventType type={String(option.value)} />}
      />
    </Form.Item>
  );
}
