import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TFunction } from 'i18next';
import { describe, expect, it } from 'vitest';
import en from '@/i18n/en';
import { checkField, initialValues, schemaFields, toJSON } from '@/lib/schema';
import { checkFields, credentialsFrom, missingKeys, splitSettings, wantedKeys } from './accountForm';

// The providers' own schemas, so that a form for each of them is known to work.
const t = ((key: string) => key) as unknown as TFunction;
const plugins = join(import.meta.dirname, '../../../../plugins');
const read = (provider: string, part: 'settings' | 'credentials') => JSON.parse(readFileSync(join(plugins, provider, `${part}.schema.json`), 'utf8')) as { properties: Record<string, { pattern?: string; enum?: string[] }> };
const providers = ['shouqianba', 'bestpay', 'metro', 'mmsp'];

describe.each(providers)('the form of %s', (provider) => {
  const settings = read(provider, 'settings');
  const fields = schemaFields(settings);
  const keys = schemaFields(read(provider, 'credentials'));

  it('reads every pattern and every choice', () => {
    for (const f of [...fields, ...keys]) expect(Boolean(f.pattern), f.name).toBe(Boolean({ ...settings.properties, ...read(provider, 'credentials').properties }[f.name]!.pattern));
    for (const f of fields) expect(f.choices.map((c) => c.value), f.name).toEqual(settings.properties[f.name]!.enum ?? []);
  });

  it('starts with presets that pass its own checks', () => {
    const values = initialValues(fields);
    const required = fields.filter((f) => f.required).map((f) => f.name);
    expect(Object.keys(checkFields(t, fields, values, new Set()))).toEqual(required);
    expect(toJSON(fields, values)).toEqual(Object.fromEntries(fields.filter((f) => f.preset !== undefined && f.preset !== '').map((f) => [f.name, f.preset])));
  });

  it('asks for kinds of credentials that a refusal has words for', () => {
    expect(keys.filter((k) => !Object.hasOwn(en.credentialKinds, k.credential ?? ''))).toEqual([]);
  });
});

describe('what the providers’ schemas ask for', () => {
  it('a path, a number and a choice are checked', () => {
    const mmsp = schemaFields(read('mmsp', 'settings'));
    expect(checkField(mmsp.find((f) => f.name === 'scan_path')!, 'no/slash')).toEqual({ key: 'pattern' });
    expect(checkField(mmsp.find((f) => f.name === 'wake_url')!, 'ftp://x')).toEqual({ key: 'pattern' });
    expect(checkField(schemaFields(read('metro', 'settings')).find((f) => f.name === 'inbound_window_seconds')!, '3601')?.key).toBe('outOfRange');
  });

  it.each([
    ['shouqianba', [], 3],
    ['metro', ['store_id'], 9],
    ['wechatpay', ['appid', 'h5_type'], 0],
  ])('%s shows %j and folds away %i', (provider, shown, folded) => {
    const split = splitSettings(schemaFields(read(provider, 'settings')));
    expect(split.shown.map((f) => f.name)).toEqual(shown);
    expect(split.folded).toHaveLength(folded);
  });

  it.each([
    ['nothing is there', [], ['terminal_sn', 'terminal_key']],
    ['the second set was begun', ['vendor_key'], ['vendor_sn', 'vendor_key']],
    ['the first set is complete', ['vendor_key', 'terminal_sn', 'terminal_key'], ['terminal_sn', 'terminal_key']],
  ])('one set of several is wanted when %s', (_, there, wanted) => {
    expect(wantedKeys(read('shouqianba', 'credentials'), new Set(there))).toEqual(wanted);
  });

  it('a PKCS #12 file goes with its password', () => {
    const fields = schemaFields(read('bestpay', 'credentials'));
    const values = { institution_code: '1', merchant_no: '2', 'merchant_key.file': 'MII=', 'merchant_key.password': 'secret', platform_certificate: 'PEM' };
    expect(checkFields(t, fields, values, new Set())).toEqual({});
    expect(credentialsFrom(fields, values)).toContainEqual({ name: 'merchant_key', file_base64: 'MII=', password: 'secret' });
  });

  it.each([
    ['metro', ['mch_id', 'private_key'], []],
    ['metro', ['mch_id', 'private_key', 'phone_key'], ['provider_public_key', 'phone_iv']],
    ['mmsp', [], ['merchant_no', 'md5_key']],
    ['mmsp', ['merchant_no', 'terminal_no', 'md5_key'], []],
    ['mmsp', ['merchant_no', 'md5_key'], ['terminal_no']],
    ['mmsp', ['payout_merchant_no'], ['payout_private_key', 'platform_public_key']],
    ['mmsp', ['agent_no', 'agent_key'], ['merchant_no']],
    ['shouqianba', ['vendor_sn'], ['vendor_key']],
  ])('%s with %j lacks %j', (provider, entered, lacking) => {
    expect(Object.keys(missingKeys(t, read(provider, 'credentials'), entered.map((name) => ({ name, text: 'x' })), new Set()))).toEqual(lacking);
    expect(Object.keys(missingKeys(t, read(provider, 'credentials'), [], new Set(entered)))).toEqual(lacking);
  });
});
