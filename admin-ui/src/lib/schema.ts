import type { Language } from './preferences';

/** A text in the two languages, as a manifest gives it. */
export interface Text {
  zh: string;
  en: string;
}

/** One field of a provider's form, read from a property of the manifest's JSON Schema. */
export interface SchemaField {
  name: string;
  label: Text;
  help?: Text;
  kind: 'text' | 'number' | 'boolean' | 'choice';
  choices: { value: string; label: Text }[];
  required: boolean;
  /** The credential's type for properties that carry x-type. */
  credential?: string;
  pattern?: RegExp;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  preset?: string | number | boolean;
}

/** The text in the user's language, or in the other when the plugin gave one only. */
export function inLanguage(text: Text | undefined, language: Language | string): string {
  if (!text) return '';
  return language === 'en' ? text.en || text.zh : text.zh || text.en;
}

/** The preset of a field as people read it: a choice by its label. Empty when there is none. */
export function presetText(field: SchemaField, language: Language | string): string {
  const value = field.preset === undefined ? '' : String(field.preset);
  const choice = field.choices.find((c) => c.value === value);
  return choice ? inLanguage(choice.label, language) : value;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function text(value: unknown, fallback: unknown): Text | undefined {
  const v = record(value);
  const plain = typeof fallback === 'string' ? fallback : undefined;
  const zh = typeof v.zh === 'string' ? v.zh : plain;
  const en = typeof v.en === 'string' ? v.en : plain;
  return zh === undefined && en === undefined ? undefined : { zh: zh ?? en!, en: en ?? zh! };
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** Reads the properties of an object schema in the manifest's order. */
export function schemaFields(schema: unknown): SchemaField[] {
  const root = record(schema);
  const required = Array.isArray(root.required) ? root.required : [];
  return Object.entries(record(root.properties)).map(([name, value]) => {
    const p = record(value);
    const names = record(p['x-enum-labels'] ?? p['x-labels']);
    const enums = Array.isArray(p.enum) ? p.enum.map(String) : [];
    const choices = enums.map((v) => ({ value: v, label: text(names[v], v)! }));
    return {
      name,
      label: text(p['x-label'], p.title ?? name)!,
      help: text(p['x-help'], p.description),
      kind: choices.length > 0 ? 'choice' : p.type === 'boolean' ? 'boolean' : p.type === 'integer' || p.type === 'number' ? 'number' : 'text',
      choices,
      required: required.includes(name),
      credential: typeof p['x-type'] === 'string' ? p['x-type'] : undefined,
      pattern: pattern(p.pattern),
      minLength: number(p.minLength),
      maxLength: number(p.maxLength),
      minimum: number(p.minimum),
      maximum: number(p.maximum),
      preset: ['string', 'number', 'boolean'].includes(typeof p.default) ? (p.default as string | number | boolean) : undefined,
    };
  });
}

// A pattern this browser cannot read is left to the server.
function pattern(value: unknown): RegExp | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return new RegExp(value, 'u');
  } catch {
    return undefined;
  }
}

export type FieldProblem = { key: 'required' | 'pattern' | 'tooShort' | 'tooLong' | 'notANumber' | 'outOfRange'; min?: number; max?: number };

/** What is wrong with a value of a field before it is sent; the server checks everything again. */
export function checkField(field: SchemaField, value: string | boolean | undefined): FieldProblem | undefined {
  if (typeof value === 'boolean') return undefined;
  const v = value ?? '';
  if (v === '') return field.required ? { key: 'required' } : undefined;
  if (field.kind === 'number') {
    if (!/^-?\d+$/.test(v)) return { key: 'notANumber' };
    const n = BigInt(v);
    const low = field.minimum !== undefined && n < BigInt(field.minimum);
    const high = field.maximum !== undefined && n > BigInt(field.maximum);
    return low || high ? { key: 'outOfRange', min: field.minimum, max: field.maximum } : undefined;
  }
  const length = [...v].length; // a schema counts characters, not UTF-16 units
  if (field.minLength !== undefined && length < field.minLength) return { key: 'tooShort', min: field.minLength };
  if (field.maxLength !== undefined && length > field.maxLength) return { key: 'tooLong', max: field.maxLength };
  if (field.pattern && !field.pattern.test(v)) return { key: 'pattern' };
  return undefined;
}

export type FormValues = Record<string, string | boolean | undefined>;

/** The values as JSON by the schema's types; empty fields are left out. */
export function toJSON(fields: SchemaField[], values: FormValues): Record<string, string | number | boolean> {
  const out: Record<string, string | number | boolean> = {};
  for (const field of fields) {
    const value = values[field.name];
    if (value === undefined || value === '') continue;
    out[field.name] = field.kind === 'number' && typeof value === 'string' ? Number(value) : value;
  }
  return out;
}

/** The values a form starts with: what is stored, else the schema's presets. */
export function initialValues(fields: SchemaField[], stored: Record<string, unknown> = {}): FormValues {
  return Object.fromEntries(
    fields.map((f) => {
      const value = stored[f.name] ?? f.preset;
      return [f.name, typeof value === 'number' ? String(value) : (value as string | boolean | undefined)];
    }),
  );
}
