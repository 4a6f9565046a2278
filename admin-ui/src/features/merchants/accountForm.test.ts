import type { TFunction } from 'i18next';
import { describe, expect, it } from 'vitest';
import { ApiError } from '@/lib/api/error';
import { schemaFields } from '@/lib/schema';
import { checkFields, credentialsFrom, serverErrors } from './accountForm';

const t = ((key: string) => key) as unknown as TFunction;
const fields = schemaFields({ required: ['key', 'cert'], properties: { key: { type: 'string', 'x-type': 'rsa_private' }, cert: { type: 'string', 'x-type': 'certificate' } } });
const refusal = (param: string) => new ApiError({ code: 'invalid_credential', status: 422, detail: 'A certificate where a key belongs.', param });

describe('account form', () => {
  it('wants what is required, unless it is stored or chosen as a file', () => {
    expect(checkFields(t, fields, {}, new Set())).toEqual({ key: 'providerForm.required', cert: 'providerForm.required' });
    expect(checkFields(t, fields, { 'cert.file': 'AA==' }, new Set(['key']))).toEqual({});
  });

  it('sends pasted text and files with their passwords, and nothing for what stays', () => {
    expect(credentialsFrom(fields, { key: 'PEM', 'cert.file': 'AA==', 'cert.password': 'p' })).toEqual([
      { name: 'key', text: 'PEM' },
      { name: 'cert', file_base64: 'AA==', password: 'p' },
    ]);
    expect(credentialsFrom(fields, { key: '' })).toEqual([]);
  });

  it.each([
    ['/credentials/1/text', 'cert'],
    ['credentials[1].text', 'cert'],
    ['/credentials/key', 'key'],
    ['cert', 'cert'],
  ])('puts the refusal of %s beside %s', (param, name) => {
    expect(serverErrors(t, refusal(param), fields, [{ name: 'key' }, { name: 'cert' }])).toEqual({ [name]: 'A certificate where a key belongs.' });
  });

  it('leaves a refusal that names no field to the form', () => expect(serverErrors(t, refusal('/name'), fields, [])).toEqual({}));
});
