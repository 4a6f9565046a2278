import { Button, Form, Input, Select, Switch } from 'antd';
import { type ComponentProps, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { ProviderForm } from '@/components/ProviderForm';
import { maskedKey } from '@/lib/masked';
import { useMay } from '@/lib/permissions';
import { type Account, type Provider, useProviders, useRefresh, useStores } from '@/lib/queries';
import { type FormValues, inLanguage, initialValues, schemaFields, toJSON } from '@/lib/schema';
import { type AccountBody, saveAccount, saveCredentials } from './api';
import { checkFields, credentialsFrom, type Errors, missingKeys, serverErrors, splitSettings, wantedKeys } from './accountForm';

interface AccountFormProps {
  tenantId: string;
  account?: Account;
  submitLabel: string;
  onSaved: (account: Account) => void;
  /** Told as soon as the account exists, although its keys may still be refused. */
  onCreated?: (account: Account) => void;
}

/** A provider account's settings and keys. Which provider is chosen first and stays. */
export function AccountForm(props: AccountFormProps) {
  const { t, i18n } = useTranslation();
  const providers = (useProviders().data ?? []).filter((p) => p.manifest && (p.state === 'enabled' || p.id === props.account?.provider));
  const [chosen, setChosen] = useState(props.account?.provider);
  const provider = providers.find((p) => p.id === chosen) ?? (providers.length === 1 ? providers[0] : undefined);
  return (
    <Form component={false} layout="vertical">
      <Form.Item label={t('account.provider')} htmlFor="account-provider">
        <Select
          id="account-provider"
          value={provider?.id}
          disabled={Boolean(props.account)}
          placeholder={t('account.chooseProvider')}
          onChange={setChosen}
          options={providers.map((p) => ({ value: p.id, label: inLanguage(p.manifest!.name, i18n.language) }))}
        />
      </Form.Item>
      {provider && <ProviderFields key={provider.id} {...props} provider={provider} />}
    </Form>
  );
}

function ProviderFields({ tenantId, account, submitLabel, onSaved, onCreated, provider }: AccountFormProps & { provider: Provider }) {
  const { t, i18n } = useTranslation();
  const may = useMay();
  const refresh = useRefresh();
  const stores = useStores(tenantId).data ?? [];
  const manifest = provider.manifest!;
  const settings = schemaFields(manifest.settings_schema);
  const credentials = schemaFields(manifest.credentials_schema);
  const [common, setCommon] = useState({ name: account?.name ?? inLanguage(manifest.name, i18n.language), base: account?.base_url ?? '', store: account?.store_id, preset: account?.default ?? true });
  const [settingValues, setSettings] = useState<FormValues>(() => initialValues(settings, account?.settings as Record<string, unknown> | undefined));
  const [keyValues, setKeys] = useState<FormValues>({});
  const [errors, setErrors] = useState<{ settings: Errors; keys: Errors }>({ settings: {}, keys: {} });
  const [refusal, setRefusal] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const stored = Object.fromEntries((account?.credentials ?? []).map((c) => [c.name, { display: c.fingerprint || maskedKey(t, c.display) }]));

  // Those that belong together are marked as soon as one of them is filled in.
  const wanted = new Set(wantedKeys(manifest.credentials_schema, new Set([...Object.keys(stored), ...credentialsFrom(credentials, keyValues).map((c) => c.name)])));
  const marked = credentials.map((field) => ({ ...field, required: field.required || wanted.has(field.name) }));

  const submit = async () => {
    if (busy) return;
    const sent = credentialsFrom(credentials, keyValues);
    const kept = new Set(Object.keys(stored));
    const own = {
      settings: checkFields(t, settings, settingValues, new Set()),
      keys: { ...missingKeys(t, manifest.credentials_schema, sent, kept), ...checkFields(t, credentials, keyValues, kept) },
    };
    setErrors(own);
    setRefusal(null);
    if (Object.values(own.settings).some(Boolean) || Object.values(own.keys).some(Boolean)) return;
    setBusy(true);
    try {
      const body: AccountBody = {
        name: common.name.trim() || inLanguage(manifest.name, i18n.language),
        default: common.preset,
        settings: toJSON(settings, settingValues),
        ...(common.store ? { store_id: common.store } : {}),
        ...(may('accounts:base_url') && common.base.trim() ? { base_url: common.base.trim() } : {}),
      };
      let saved = await saveAccount(tenantId, account?.id, provider.id, body);
      if (!account) onCreated?.(saved);
      if (sent.length > 0) saved = await saveCredentials(tenantId, saved.id, sent);
      setKeys({}); // what was entered is in the key store now and nowhere else
      await refresh('accounts');
      onSaved(saved);
    } catch (thrown) {
      const beside = { settings: serverErrors(t, thrown, settings, []), keys: serverErrors(t, thrown, credentials, sent) };
      setErrors(beside);
      setRefusal(thrown);
      await refresh('accounts');
    } finally {
      setBusy(false);
    }
  };

  const besideField = [...Object.values(errors.settings), ...Object.values(errors.keys)].some(Boolean) || fieldError(t, refusal, '/base_url') || fieldError(t, refusal, '/name');
  const baseError = fieldError(t, refusal, '/base_url');
  const nameError = fieldError(t, refusal, '/name');
  return (
    <div data-testid="account-form">
      <div className="zg-pair">
        <Form.Item label={t('account.name')} htmlFor="account-name" validateStatus={nameError ? 'error' : undefined} help={nameError}>
          <Input id="account-name" value={common.name} maxLength={100} onChange={(e) => setCommon({ ...common, name: e.target.value })} />
        </Form.Item>
        {stores.length > 0 && (
          <Form.Item label={t('account.store')} htmlFor="account-store">
            <Select id="account-store" allowClear value={common.store} placeholder={t('account.allStores')} onChange={(store) => setCommon({ ...common, store })} options={stores.map((s) => ({ value: s.id, label: s.name }))} />
          </Form.Item>
        )}
      </div>
      {may('accounts:base_url') && (
        <Form.Item label={t('account.baseUrl')} htmlFor="account-base" extra={t('account.baseUrlHint', { hosts: manifest.hosts.join(', ') })} validateStatus={baseError ? 'error' : undefined} help={baseError}>
          <Input id="account-base" type="url" value={common.base} maxLength={300} onChange={(e) => setCommon({ ...common, base: e.target.value })} autoComplete="off" />
        </Form.Item>
      )}
      <Settings fields={settings} values={settingValues} onChange={setSettings} errors={errors.settings} disabled={busy} />
      <h3 className="zg-subhead">{t('account.keys')}</h3>
      <p className="zg-muted zg-modal-lead">{t('account.keysHint')}</p>
      <ProviderForm fields={marked} values={keyValues} onChange={setKeys} errors={errors.keys} stored={stored} disabled={busy} />
      <Form.Item label={t('account.default')} htmlFor="account-default" extra={t('account.defaultHint')}>
        <Switch id="account-default" checked={common.preset} onChange={(preset) => setCommon({ ...common, preset })} aria-label={t('account.default')} />
      </Form.Item>
      {Boolean(refusal) && !besideField && (
        <Form.Item>
          <ErrorSentence error={refusal} />
        </Form.Item>
      )}
      <Button type="primary" loading={busy} onClick={() => void submit()} data-testid="account-submit">
        {submitLabel}
      </Button>
    </div>
  );
}

/** A provider's settings: those that have to be looked at, and the many that may stay as they are folded away. */
function Settings(props: ComponentProps<typeof ProviderForm>) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { shown, folded } = splitSettings(props.fields);
  // What is wrong is never hidden.
  const wrong = folded.some((f) => props.errors[f.name]);
  return (
    <>
      <ProviderForm {...props} fields={shown} />
      {folded.length > 0 && (
        <details className="zg-details zg-modal-lead" open={open || wrong} onToggle={(e) => setOpen(e.currentTarget.open)} data-testid="more-settings">
          <summary>{t('account.moreSettings', { count: folded.length })}</summary>
          <div className="zg-folded">
            <ProviderForm {...props} fields={folded} />
          </div>
        </details>
      )}
    </>
  );
}
