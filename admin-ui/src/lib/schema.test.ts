import { describe, expect, it } from 'vitest';
import { checkField, inLanguage, initialValues, schemaFields, toJSON } from './schema';

const schema = {
  type: 'object',
  required: ['number', 'mode'],
  properties: {
    number: { type: 'string', pattern: '^[0-9]{4}$', maxLength: 4, 'x-label': { zh: '终端号', en: 'Terminal' } },
    mode: { type: 'string', enum: ['a', 'b'], default: 'a' },
    count: { type: 'integer', minimum: 1, maximum: 9 },
    on: { type: 'boolean' },
    key: { type: 'string', 'x-type': 'rsa_private', title: 'Key' },
  },
};
const fields = schemaFields(schema);
const field = (name: string) => fields.find((f) => f.name === name)!;

describe('a form from a schema', () => {
  it('keeps the order and the kinds', () => {
    expect(fields.map((f) => [f.name, f.kind, f.required, f.credential])).toEqual([
      ['number', 'text', true, undefined],
      ['mode', 'choice', true, undefined],
      ['count', 'number', false, undefined],
      ['on', 'boolean', false, undefined],
      ['key', 'text', false, 'rsa_private'],
    ]);
  });

  it('labels fields in the language, with the title or name where none is given', () => {
    expect(inLanguage(field('number').label, 'zh-CN')).toBe('终端号');
    expect(inLanguage(field('number').label, 'en')).toBe('Terminal');
    expect(inLanguage(field('key').label, 'zh-CN')).toBe('Key');
    expect(inLanguage(field('on').label, 'en')).toBe('on');
  });

  it.each([
    ['number', undefined, 'required'],
    ['number', '12a4', 'pattern'],
    ['number', '12345', 'tooLong'],
    ['count', '1.5', 'notANumber'],
    ['count', '10', 'outOfRange'],
    ['count', '', undefined],
    ['number', '1234', undefined],
  ])('%s = %j: %s', (name, value, key) => expect(checkField(field(name), value)?.key).toBe(key));

  it('sends values by type and leaves empty ones out', () => {
    expect(toJSON(fields, { number: '0012', mode: 'b', count: '7', on: false, key: '' })).toEqual({ number: '0012', mode: 'b', count: 7, on: false });
  });

  it('starts with what is stored, else with the presets', () => {
    expect(initialValues(fields, { count: 3 })).toMatchObject({ mode: 'a', count: '3' });
  });

  it('survives what is no schema', () => {
    expect(schemaFields(undefined)).toEqual([]);
    expect(schemaFields({ properties: { x: { pattern: '(' } } })[0]!.pattern).toBeUndefined();
  });
});
