import type { TFunction } from 'i18next';
import { errorDetail, errorSentence } from '@/components/ErrorSentence';
import { fileName, passwordName } from '@/components/ProviderForm';
import { asApiError } from '@/lib/api/error';
import { checkField, type FormValues, type SchemaField } from '@/lib/schema';
import type { CredentialBody } from './api';

export type Errors = Record<string, string | undefined>;

/** Our own checks, as sentences by field. A credential that is stored already may stay empty. */
export function checkFields(t: TFunction, fields: SchemaField[], values: FormValues, stored: Set<string>): Errors {
  const errors: Errors = {};
  for (const field of fields) {
    if (values[fileName(field.name)]) continue;
    if (stored.has(field.name) && !values[field.name]) continue;
    const problem = checkField(field, values[field.name]);
    if (problem) errors[field.name] = t(`providerForm.${problem.key}`, { min: problem.min, max: problem.max });
  }
  return errors;
}

// So many settings with a preset stay among the others.
const MAX_SHOWN_OPTIONAL = 2;

/** The settings that somebody has to fill in, apart from those that may stay as they are when there are many. */
export function splitSettings(fields: SchemaField[]): { shown: SchemaField[]; folded: SchemaField[] } {
  const folded = fields.filter((f) => !f.required);
  if (folded.length <= MAX_SHOWN_OPTIONAL) return { shown: fields, folded: [] };
  return { shown: fields.filter((f) => f.required), folded };
}

interface KeyRules {
  anyOf?: { required?: string[] }[];
  dependentRequired?: Record<string, string[]>;
}

/** When the schema asks for one of several sets of credentials: the one that was begun, else the first. */
export function wantedKeys(schema: unknown, there: ReadonlySet<string>): string[] {
  const { anyOf = [] } = (schema ?? {}) as KeyRules;
  const sets = anyOf.map(({ required = [] }) => required);
  const lacking = (names: string[]) => names.filter((name) => !there.has(name)).length;
  return sets.find((names) => lacking(names) === 0) ?? sets.toSorted((a, b) => b.length - lacking(b) - (a.length - lacking(a)))[0] ?? [];
}

/**
 * The credentials that are still missing, stored and entered ones counted: those that belong to
 * one that is there, and the rest of the set that is wanted.
 */
export function missingKeys(t: TFunction, schema: unknown, entered: CredentialBody[], stored: Set<string>): Errors {
  const { dependentRequired = {} } = (schema ?? {}) as KeyRules;
  const there = new Set([...stored, ...entered.map((c) => c.name)]);
  const dependent = Object.entries(dependentRequired).flatMap(([name, needs]) => (there.has(name) ? needs : []));
  const missing = [...wantedKeys(schema, there), ...dependent].filter((name) => !there.has(name));
  return Object.fromEntries(missing.map((name) => [name, t('providerForm.required')]));
}

/** The credentials that were entered, pasted or chosen as a file. */
export function credentialsFrom(fields: SchemaField[], values: FormValues): CredentialBody[] {
  return fields.flatMap((field) => {
    const text = values[field.name];
    const file = values[fileName(field.name)];
    const password = values[passwordName(field.name)];
    if (!text && !file) return [];
    return [{ name: field.name, ...(file ? { file_base64: String(file) } : { text: String(text) }), ...(password ? { password: String(password) } : {}) }];
  });
}

/**
 * The server's refusal beside the field it names: /settings/name, /credentials/2/text, where 2
 * counts what was sent, or the field's own name. Empty when it names none of the fields.
 */
export function serverErrors(t: TFunction, thrown: unknown, fields: SchemaField[], sent: CredentialBody[]): Errors {
  if (!thrown) return {};
  const error = asApiError(thrown);
  const parts = (error.param ?? '').split(/[/.[\]]/).filter(Boolean);
  const byName = parts.find((part) => fields.some((f) => f.name === part));
  const index = parts[0] === 'credentials' && /^\d+$/.test(parts[1] ?? '') ? Number(parts[1]) : -1;
  const name = byName ?? sent[index]?.name;
  return name ? { [name]: errorDetail(error) ?? errorSentence(t, error) } : {};
}
