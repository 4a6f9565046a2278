import { Button, Form, Input, Select } from 'antd';
import { useEffect, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { Section } from '@/components/Section';
import { useMay } from '@/lib/permissions';
import { type Field, type Mapping, useHeadings, useMappings, usePreview, useSaveMapping } from './api';
import { draftOf, problemOf, rulesOf } from './draft';
import { MappingForm } from './MappingForm';
import { PreviewTable } from './PreviewTable';

const NEW = 'new';

interface Props {
  provider: string;
  file: File;
  value: Mapping | undefined;
  onChange: (mapping: Mapping | undefined) => void;
}

/** A saved mapping or a new one, tried on the file at once. */
export function ChooseMapping({ provider, file, value, onChange }: Props) {
  const { t } = useTranslation();
  const may = useMay();
  const list = useMappings(provider);
  const [editing, setEditing] = useState(false);
  const field = useId();
  if (list.error) return <ErrorSentence error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return null;
  const { items, fields } = list.data;
  const fresh = editing || items.length === 0;
  const choose = (id: string) => {
    setEditing(id === NEW);
    onChange(items.find((m) => m.id === id));
  };
  return (
    <Section title={t('billImport.mapping')}>
      <Form component={false} layout="vertical" requiredMark={false}>
        <Form.Item label={t('billImport.saved')} htmlFor={field} extra={t('billImport.savedHint')}>
          <Select
            id={field}
            value={value?.id ?? (fresh ? NEW : undefined)}
            placeholder={t('billImport.choose')}
            onChange={choose}
            options={[...items.map((m) => ({ value: m.id, label: m.name })), ...(may('bills:map') ? [{ value: NEW, label: t('billImport.newMapping') }] : [])]}
          />
        </Form.Item>
      </Form>
      {value && <Tried mapping={value} file={file} onEdit={may('bills:map') ? () => setEditing(true) : undefined} />}
      {fresh && may('bills:map') && (
        <Editor
          key={value?.id ?? NEW}
          provider={provider}
          file={file}
          fields={fields}
          old={value}
          onSaved={(m) => {
            setEditing(false);
            onChange(m);
          }}
        />
      )}
    </Section>
  );
}

/** The file's first rows by a saved mapping. */
function Tried({ mapping, file, onEdit }: { mapping: Mapping; file: File; onEdit?: () => void }) {
  const { t } = useTranslation();
  const { mutate, data, error, isPending } = usePreview();
  useEffect(() => mutate({ rules: mapping.rules, file }), [mapping, file, mutate]);
  return (
    <div className="zg-stack-tight" aria-busy={isPending}>
      {Boolean(error) && <ErrorSentence error={error} />}
      {data && <PreviewTable preview={data} />}
      {onEdit && <div><Button size="small" onClick={onEdit}>{t('billImport.editMapping')}</Button></div>}
    </div>
  );
}

interface EditorProps {
  provider: string;
  file?: File;
  fields: Field[];
  old?: Mapping;
  onSaved: (mapping: Mapping) => void;
}

/** Makes or changes a mapping, with the file's own headings to choose from where there is a file. */
export function Editor({ provider, file, fields, old, onSaved }: EditorProps) {
  const { t } = useTranslation();
  const save = useSaveMapping();
  const trial = usePreview();
  const [draft, setDraft] = useState(() => draftOf(old?.rules));
  const [name, setName] = useState(old?.name ?? '');
  const [checked, setChecked] = useState(false);
  const nameField = useId();
  const rules = rulesOf(draft);
  const headings = useHeadings(file, { ...(rules.encoding && { encoding: rules.encoding }), ...(rules.delimiter && { delimiter: rules.delimiter }), ...(rules.skip_lines && { skip_lines: rules.skip_lines }) });
  const problem = checked ? problemOf(draft, fields) : undefined;
  const unnamed = checked && name.trim() === '' ? t('cases.needed') : fieldError(t, save.error, '/name');
  const attempt = () => {
    setChecked(true);
    if (file && !problemOf(draft, fields)) trial.mutate({ rules, file });
  };
  const submit = () => {
    setChecked(true);
    if (save.isPending || problemOf(draft, fields) || name.trim() === '') return;
    save.mutate({ name: name.trim(), provider, rules, ...(old && { old }) }, { onSuccess: onSaved });
  };
  return (
    <div className="zg-folded" data-testid="mapping-form">
      {Boolean(headings.error) && <ErrorSentence error={headings.error} />}
      <Form component={false} layout="vertical" requiredMark={false}>
        <Form.Item label={t('billImport.name')} htmlFor={nameField} validateStatus={unnamed ? 'error' : undefined} help={unnamed}>
          <Input id={nameField} value={name} onChange={(e) => setName(e.target.value)} maxLength={64} />
        </Form.Item>
      </Form>
      <MappingForm fields={fields} draft={draft} onChange={setDraft} headings={(headings.data ?? []).filter(Boolean)} problem={problem} />
      {Boolean(trial.error) && <ErrorSentence error={trial.error} />}
      {trial.data && <PreviewTable preview={trial.data} />}
      {save.error && !unnamed && <ErrorSentence error={save.error} />}
      <div className="zg-actions zg-actions-end">
        {file && <Button onClick={attempt} loading={trial.isPending}>{t('billImport.try')}</Button>}
        <Button type="primary" onClick={submit} loading={save.isPending}>{t('billImport.saveMapping')}</Button>
      </div>
    </div>
  );
}
