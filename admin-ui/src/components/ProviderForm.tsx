import { UploadOutlined } from '@ant-design/icons';
import { Button, Form, Input, Select, Switch } from 'antd';
import { useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type FormValues, inLanguage, presetText, type SchemaField } from '@/lib/schema';

/** What is already stored of a credential; the secret itself never comes back. */
export interface StoredCredential {
  display: string;
  setBy?: string;
  setAt?: string;
}

interface ProviderFormProps {
  fields: SchemaField[];
  values: FormValues;
  onChange: (values: FormValues) => void;
  /** Sentences by field name: our own checks and the server's. */
  errors: Record<string, string | undefined>;
  stored?: Record<string, StoredCredential | undefined>;
  disabled?: boolean;
}

/** The names under which a credential's password, file and file name stand among the values. */
export const passwordName = (field: string) => `${field}.password`;
export const fileName = (field: string) => `${field}.file`;
const fileLabel = (field: string) => `${field}.fileLabel`;

/** A provider's form, drawn from the schema in its manifest. Must stand inside an antd Form. */
export function ProviderForm(props: ProviderFormProps) {
  return props.fields.map((field) => <SchemaItem key={field.name} field={field} {...props} />);
}

function SchemaItem({ field, values, onChange, errors, stored, disabled }: ProviderFormProps & { field: SchemaField }) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const error = errors[field.name];
  const set = (value: string | boolean | undefined) => onChange({ ...values, [field.name]: value });
  const known = stored?.[field.name];
  const help = inLanguage(field.help, i18n.language);
  return (
    <Form.Item
      htmlFor={id}
      label={inLanguage(field.label, i18n.language)}
      required={field.required}
      validateStatus={error ? 'error' : undefined}
      help={error}
      extra={
        <>
          {help && <div>{help}</div>}
          {known && <div data-testid={`stored-${field.name}`}>{t('providerForm.stored', { display: known.display })}</div>}
        </>
      }
      data-testid={`field-${field.name}`}
    >
      {field.credential ? (
        <CredentialInput field={field} id={id} values={values} onChange={onChange} disabled={disabled} invalid={Boolean(error)} keep={Boolean(known)} />
      ) : (
        <SettingInput field={field} id={id} value={values[field.name]} onChange={set} disabled={disabled} invalid={Boolean(error)} />
      )}
    </Form.Item>
  );
}

interface SettingInputProps {
  field: SchemaField;
  id: string;
  value: string | boolean | undefined;
  onChange: (value: string | boolean | undefined) => void;
  disabled?: boolean;
  invalid: boolean;
}

function SettingInput({ field, id, value, onChange, disabled, invalid }: SettingInputProps) {
  const { t, i18n } = useTranslation();
  // What an empty field means; a form starts with it filled in.
  const preset = presetText(field, i18n.language);
  const placeholder = preset ? t('providerForm.preset', { value: preset }) : undefined;
  if (field.kind === 'boolean') {
    return <Switch id={id} checked={value === true} onChange={onChange} disabled={disabled} aria-label={inLanguage(field.label, i18n.language)} />;
  }
  if (field.kind === 'choice') {
    return (
      <Select
        id={id}
        value={typeof value === 'string' ? value : undefined}
        onChange={onChange}
        disabled={disabled}
        allowClear={!field.required}
        placeholder={placeholder}
        status={invalid ? 'error' : undefined}
        options={field.choices.map((c) => ({ value: c.value, label: inLanguage(c.label, i18n.language) }))}
      />
    );
  }
  return (
    <Input
      id={id}
      value={typeof value === 'string' ? value : ''}
      placeholder={placeholder}
      onChange={(e) => onChange(e.target.value)}
      inputMode={field.kind === 'number' ? 'numeric' : undefined}
      maxLength={field.maxLength}
      disabled={disabled}
      aria-invalid={invalid}
      autoComplete="off"
    />
  );
}

interface CredentialInputProps {
  field: SchemaField;
  id: string;
  values: FormValues;
  onChange: (values: FormValues) => void;
  disabled?: boolean;
  invalid: boolean;
  keep: boolean;
}

const keyFiles = new Set(['rsa_private', 'rsa_public', 'certificate', 'pkcs12']);
const shownPlainly = new Set(['merchant_number']);
const withPassword = new Set(['pkcs12']);

function CredentialInput({ field, id, values, onChange, disabled, invalid, keep }: CredentialInputProps) {
  const { t } = useTranslation();
  const type = field.credential!;
  const value = values[field.name];
  const current = typeof value === 'string' ? value : '';
  const set = (text: string) => onChange({ ...values, [field.name]: text });
  const placeholder = keep ? t('providerForm.keep') : undefined;
  const common = { id, disabled, placeholder, 'aria-invalid': invalid, spellCheck: false };

  if (shownPlainly.has(type)) {
    return <Input {...common} value={current} onChange={(e) => set(e.target.value)} autoComplete="off" />;
  }
  if (!keyFiles.has(type)) {
    return <Input.Password {...common} value={current} onChange={(e) => set(e.target.value)} autoComplete="new-password" />;
  }
  const file = values[fileLabel(field.name)];
  const forget = () => onChange({ ...values, [fileName(field.name)]: undefined, [fileLabel(field.name)]: undefined });
  const read = (content: string, label: string) => onChange({ ...values, [field.name]: '', [fileName(field.name)]: content, [fileLabel(field.name)]: label });
  return (
    <div className="zg-stack-tight">
      {file ? (
        <div className="zg-once zg-spread">
          <span className="zg-mono">{file}</span>
          <Button id={id} size="small" disabled={disabled} onClick={forget}>
            {t('providerForm.removeFile')}
          </Button>
        </div>
      ) : (
        type !== 'pkcs12' && <Input.TextArea {...common} className="zg-mono" rows={4} value={current} onChange={(e) => set(e.target.value)} autoComplete="off" />
      )}
      {!file && <FileButton id={type === 'pkcs12' ? id : undefined} disabled={disabled} onRead={read} testId={`file-${field.name}`} />}
      {type !== 'certificate' && type !== 'rsa_public' && (Boolean(file) || withPassword.has(type)) && (
        <Input.Password
          aria-label={t('providerForm.filePassword')}
          placeholder={t('providerForm.filePassword')}
          autoComplete="new-password"
          disabled={disabled}
          value={String(values[passwordName(field.name)] ?? '')}
          onChange={(e) => onChange({ ...values, [passwordName(field.name)]: e.target.value })}
        />
      )}
    </div>
  );
}

/** Reads a file in the browser, as base64: it may be binary, and the server looks for itself. */
function FileButton({ id, disabled, onRead, testId }: { id?: string; disabled?: boolean; onRead: (content: string, label: string) => void; testId: string }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const read = async (file: File) => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    let raw = '';
    bytes.forEach((b) => (raw += String.fromCharCode(b)));
    onRead(btoa(raw), file.name);
  };
  return (
    <div>
      <input
        ref={input}
        type="file"
        hidden
        data-testid={testId}
        onChange={(e) => {
          const file = e.target.files?.[0];
          if (file) void read(file);
          e.target.value = '';
        }}
      />
      <Button id={id} icon={<UploadOutlined aria-hidden="true" />} disabled={disabled} onClick={() => input.current?.click()}>
        {t('providerForm.upload')}
      </Button>
    </div>
  );
}
