import { Button, Form, Input, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import type { Tenant } from '@/lib/queries';
import { useSaveTenant } from './api';

interface Details {
  name: string;
  short_name?: string;
  contact?: string;
  test_mode?: boolean;
}

/** A merchant's details, new or changed. */
export function MerchantDetails({ tenant, submitLabel, onSaved }: { tenant?: Tenant; submitLabel: string; onSaved: (tenant: Tenant) => void }) {
  const { t } = useTranslation();
  const save = useSaveTenant(tenant?.id);
  const problem = (field: keyof Details) => {
    const sentence = fieldError(t, save.error, `/${field}`);
    return sentence ? { validateStatus: 'error' as const, help: sentence } : {};
  };
  const beside = (['name', 'short_name', 'contact'] as const).some((f) => fieldError(t, save.error, `/${f}`));
  return (
    <Form<Details>
      layout="vertical"
      initialValues={tenant ?? { test_mode: false }}
      onFinish={(v) => !save.isPending && save.mutate({ name: v.name.trim(), short_name: v.short_name?.trim() ?? '', contact: v.contact?.trim() ?? '', test_mode: v.test_mode ?? false }, { onSuccess: onSaved })}
      data-testid="merchant-form"
    >
      <Form.Item name="name" label={t('merchants.name')} rules={[{ required: true, whitespace: true, message: t('merchants.nameRequired') }]} {...problem('name')}>
        <Input maxLength={100} autoFocus autoComplete="off" />
      </Form.Item>
      <Form.Item name="short_name" label={t('merchants.shortName')} extra={t('merchants.shortNameHint')} {...problem('short_name')}>
        <Input maxLength={40} autoComplete="off" />
      </Form.Item>
      <Form.Item name="contact" label={t('merchants.contact')} extra={t('merchants.contactHint')} {...problem('contact')}>
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
      <Form.Item name="test_mode" label={t('merchants.testMode')} valuePropName="checked" extra={t('merchants.testModeHint')}>
        <Switch aria-label={t('merchants.testMode')} />
      </Form.Item>
      {save.error && !beside && (
        <Form.Item>
          <ErrorSentence error={save.error} />
        </Form.Item>
      )}
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {submitLabel}
      </Button>
    </Form>
  );
}
