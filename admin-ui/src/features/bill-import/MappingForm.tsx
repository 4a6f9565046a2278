import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { AutoComplete, Button, Checkbox, Form, Input, InputNumber, Radio, Select } from 'antd';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { newKey } from '@/lib/idempotency';
import { inLanguage } from '@/lib/schema';
import type { Field } from './api';
import { type Draft, type DraftProblem, kindMeanings, type Meaning, statusMeanings, timeFormats } from './draft';

interface Props {
  fields: Field[];
  draft: Draft;
  onChange: (draft: Draft) => void;
  /** The headings of the file at hand; none when there is no file. */
  headings: string[];
  problem?: { field?: string; problem: DraftProblem };
}

/** Which column is which, and how amounts, times and words are written. */
export function MappingForm({ fields, draft: d, onChange, headings, problem }: Props) {
  const { t } = useTranslation();
  const change = (values: Partial<Draft>) => onChange({ ...d, ...values });
  return (
    <Form component={false} layout="vertical" requiredMark={false}>
      <div className="zg-pair">
        {fields.map((f) => <Column key={f.name} field={f} value={d.columns[f.name] ?? ''} headings={headings} problem={problem?.field === f.name ? problem.problem : undefined} onChange={(heading) => change({ columns: { ...d.columns, [f.name]: heading } })} />)}
      </div>
      {problem && !problem.field && <p className="zg-tone-bad" role="alert">{t(`billImport.problems.${problem.problem}`)}</p>}
      <div className="zg-pair">
        <Form.Item label={t('billImport.unit')}>
          <Radio.Group aria-label={t('billImport.unit')} value={d.unit} onChange={(e) => change({ unit: e.target.value as Draft['unit'] })} options={(['yuan', 'fen'] as const).map((u) => ({ value: u, label: t(`billImport.units.${u}`) }))} />
        </Form.Item>
        <TimeFormat value={d.timeFormat} onChange={(timeFormat) => change({ timeFormat })} />
      </div>
      {d.columns.kind && <Meanings title={t('billImport.kinds')} words={kindMeanings} list={d.kinds} onChange={(kinds) => change({ kinds })} />}
      {d.columns.status && <Meanings title={t('billImport.statuses')} words={statusMeanings} list={d.statuses} onChange={(statuses) => change({ statuses })} />}
      <details className="zg-details">
        <summary>{t('billImport.more')}</summary>
        <div className="zg-folded"><Rarer draft={d} change={change} /></div>
      </details>
    </Form>
  );
}

function Column({ field, value, headings, problem, onChange }: { field: Field; value: string; headings: string[]; problem?: DraftProblem; onChange: (heading: string) => void }) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const label = inLanguage(field.label, i18n.language) || field.name;
  const lost = value && headings.length > 0 && !headings.includes(value) ? t('billImport.noSuchHeading') : undefined;
  const error = problem ? t(`billImport.problems.${problem}`) : lost;
  return (
    <Form.Item label={field.required ? t('billImport.requiredField', { field: label }) : label} htmlFor={id} validateStatus={error ? 'error' : undefined} help={error}>
      <AutoComplete id={id} value={value} onChange={onChange} options={headings.map((h) => ({ value: h }))} showSearch={{ filterOption: false }} placeholder={t('billImport.notInFile')} allowClear />
    </Form.Item>
  );
}

function TimeFormat({ value, onChange }: { value: string; onChange: (format: string) => void }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <Form.Item label={t('billImport.timeFormat')} htmlFor={id} extra={t('billImport.timeFormatHint')}>
      <AutoComplete id={id} value={value} onChange={onChange} options={timeFormats.map((f) => ({ value: f }))} showSearch={{ filterOption: false }} />
    </Form.Item>
  );
}

/** What the words of a column mean; a word that is not here is refused. */
function Meanings({ title, words, list, onChange }: { title: string; words: readonly string[]; list: Meaning[]; onChange: (list: Meaning[]) => void }) {
  const { t } = useTranslation();
  const set = (key: string, values: Partial<Meaning>) => onChange(list.map((m) => (m.key === key ? { ...m, ...values } : m)));
  return (
    <Form.Item label={title} extra={t('billImport.meaningsHint')}>
      <ul className="zg-stack-tight" aria-label={title}>
        {list.map((m) => (
          <li key={m.key} className="zg-row">
            <Input className="zg-filter-wide" aria-label={t('billImport.cell')} value={m.cell} onChange={(e) => set(m.key, { cell: e.target.value })} maxLength={64} />
            <Select className="zg-filter" aria-label={t('billImport.means')} value={m.means} onChange={(means: string) => set(m.key, { means })} options={words.map((w) => ({ value: w, label: t(`billImport.words.${w}`) }))} />
            <Button type="text" icon={<DeleteOutlined aria-hidden="true" />} aria-label={t('billImport.remove', { cell: m.cell })} onClick={() => onChange(list.filter((o) => o.key !== m.key))} />
          </li>
        ))}
        <li><Button size="small" icon={<PlusOutlined aria-hidden="true" />} onClick={() => onChange([...list, { key: newKey(), cell: '', means: words[0]! }])}>{t('billImport.addWord')}</Button></li>
      </ul>
    </Form.Item>
  );
}

/** What most files need no word about. */
function Rarer({ draft: d, change }: { draft: Draft; change: (values: Partial<Draft>) => void }) {
  const { t } = useTranslation();
  const [encoding, delimiter, skip, prefix, count, amount, total, merchant] = [useId(), useId(), useId(), useId(), useId(), useId(), useId(), useId()];
  const told = { value: '', label: t('billImport.told') };
  return (
    <div className="zg-pair">
      <Form.Item label={t('billImport.encoding')} htmlFor={encoding}>
        <Select id={encoding} value={d.encoding ?? ''} onChange={(v: string) => change({ encoding: (v || undefined) as Draft['encoding'] })} options={[told, ...(['utf-8', 'gb18030'] as const).map((e) => ({ value: e, label: e.toUpperCase() }))]} />
      </Form.Item>
      <Form.Item label={t('billImport.delimiter')} htmlFor={delimiter}>
        <Select id={delimiter} value={d.delimiter ?? ''} onChange={(v: string) => change({ delimiter: (v || undefined) as Draft['delimiter'] })} options={[told, ...(['comma', 'tab', 'semicolon', 'bar'] as const).map((x) => ({ value: x, label: t(`billImport.delimiters.${x}`) }))]} />
      </Form.Item>
      <Form.Item label={t('billImport.skipLines')} htmlFor={skip}>
        <InputNumber id={skip} min={0} max={100} precision={0} value={d.skipLines} onChange={(v) => change({ skipLines: v ?? 0 })} />
      </Form.Item>
      <Form.Item label={t('billImport.merchantNo')} htmlFor={merchant} extra={t('billImport.merchantNoHint')}>
        <Input id={merchant} value={d.merchantNo} maxLength={64} onChange={(e) => change({ merchantNo: e.target.value })} />
      </Form.Item>
      <Form.Item label={t('billImport.trailer')} htmlFor={prefix} extra={t('billImport.trailerHint')}>
        <Input id={prefix} value={d.trailerPrefix} maxLength={64} onChange={(e) => change({ trailerPrefix: e.target.value })} />
      </Form.Item>
      {d.trailerPrefix.trim() !== '' && (
        <>
          <Form.Item label={t('billImport.trailerCount')} htmlFor={count} extra={t('billImport.columnHint')}>
            <InputNumber id={count} min={0} max={256} precision={0} value={d.trailerCount} onChange={(v) => change({ trailerCount: v ?? 0 })} />
          </Form.Item>
          <Form.Item label={t('billImport.trailerAmount')} htmlFor={amount} extra={t('billImport.columnHint')}>
            <InputNumber id={amount} min={0} max={256} precision={0} value={d.trailerAmount} onChange={(v) => change({ trailerAmount: v ?? 0 })} />
          </Form.Item>
          <Form.Item>
            <Checkbox checked={d.trailerBelow} onChange={(e) => change({ trailerBelow: e.target.checked })}>{t('billImport.trailerBelow')}</Checkbox>
          </Form.Item>
        </>
      )}
      <Form.Item label={t('billImport.totalOf')} htmlFor={total}>
        <Select id={total} value={d.totalOf} onChange={(totalOf: Draft['totalOf']) => change({ totalOf })} options={(['all', 'payments', 'net'] as const).map((x) => ({ value: x, label: t(`billImport.totals.${x}`) }))} />
      </Form.Item>
    </div>
  );
}
