import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES, chunksOf, type Field } from './api';
import { draftOf, problemOf, rulesOf } from './draft';

const label = { zh: '', en: '' };
const fields: Field[] = [{ name: 'time', label, required: true }, { name: 'amount', label, required: true }, { name: 'order_no', label, required: false }];
const full = { columns: { time: '交易时间', amount: '金额', order_no: '商户订单号' }, unit: 'yuan', time_format: '2006-01-02 15:04:05', total_of: 'all' } as const;

describe('a mapping in a form', () => {
  it('gives back the rules it was made of', () => {
    const rules = { ...full, encoding: 'gb18030', delimiter: 'tab', skip_lines: 2, columns: { ...full.columns, kind: '类型', status: '状态', merchant_no: '商户号' }, kinds: { 支付: 'payment' }, statuses: { 成功: 'succeeded' }, trailer_prefix: '合计', trailer_below: true, trailer_count: 1, trailer_amount: 2, total_of: 'net', merchant_no: '1900' } as const;
    expect(rulesOf(draftOf(rules))).toEqual(rules);
  });

  it('leaves out what is empty, and meanings of columns that are not there', () => {
    const draft = { ...draftOf(full), columns: { ...full.columns, fee: ' ' }, kinds: [{ key: '1', cell: '支付', means: 'payment' }], merchantNo: '1900' };
    expect(rulesOf(draft)).toEqual(full);
  });

  it('says what every bill needs', () => {
    expect(problemOf(draftOf(full), fields)).toBeUndefined();
    expect(problemOf(draftOf({ ...full, columns: { time: 'a', order_no: 'b' } }), fields)).toEqual({ field: 'amount', problem: 'required' });
    expect(problemOf(draftOf({ ...full, columns: { time: 'a', amount: 'b' } }), fields)).toEqual({ problem: 'number' });
  });
});

describe('a file', () => {
  it.each([[1, 1], [CHUNK_BYTES, 1], [CHUNK_BYTES + 1, 2], [10 * CHUNK_BYTES, 10]])('of %d bytes has %d parts', (bytes, parts) => expect(chunksOf(bytes)).toBe(parts));
});
