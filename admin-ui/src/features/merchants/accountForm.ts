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
