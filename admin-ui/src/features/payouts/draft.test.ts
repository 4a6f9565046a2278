import { describe, expect, it } from 'vitest';
import type { PayoutSpec } from './api';
import { emptyDraft, fieldsOf, isSound, payeeProblem, problemsOf, requestOf } from './draft';

const text = { zh: 'x', en: 'x' };
const spec: PayoutSpec = {
  sources: [{ id: 'balance', name: text }, { id: 'advance', name: text }],
  payee_types: [{ id: 'personal', name: text }, { id: 'business', name: text }],
  needs: ['payee_name', 'payee_number', 'phone', 'province'],
  extra: [{ name: 'kind', label: text, required: true, options: [], max_length: 3 }],
};
const good = { ...emptyDraft(spec), amount: '12.50', payee: { name: ' 张三 ', number: '6217 7155-5555 5555', phone: '13800138000', province: '广东省' }, extra: { kind: '001' } };

describe('a payout in the form', () => {
  it('asks what the provider needs of this kind of payee', () => {
    expect(fieldsOf(spec, 'personal').map((f) => [f.name, f.required])).toEqual([['name', true], ['number', true], ['bank_name', false], ['province', true], ['phone', true]]);
    expect(fieldsOf(spec, 'business')).toContainEqual({ name: 'branch_code', required: true });
  });

  it.each([
    ['number', '6217715555555555', 'personal', undefined],
    ['number', '6217715555555556', 'personal', 'checkDigit'],
    ['number', '62177155', 'personal', 'digits'],
    ['number', '６２１７７１５５５５５５５５５５', 'personal', 'digits'],
    ['number', 'A-1002', 'business', undefined],
    ['phone', '1380013800', 'personal', 'phone'],
    ['branch_code', '10458100601', 'business', 'branch'],
    ['name', '', 'personal', 'missing'],
    ['name', '=cmd', 'personal', 'formula'],
    ['name', '一'.repeat(21), 'personal', 'tooLong'],
    ['name', '😀'.repeat(20), 'personal', undefined],
  ] as const)('%s %j of a %s: %s', (name, value, type, problem) => expect(payeeProblem({ name, required: true }, value, type)).toBe(problem));

  it('is asked for as typed, without what stands around it', () => {
    expect(isSound(problemsOf(good, spec))).toBe(true);
    expect(requestOf(good, spec, 'acc_1')).toEqual({
      account_id: 'acc_1', amount: 1250, source: 'balance', payee: { type: 'personal', name: '张三', number: '6217715555555555', phone: '13800138000', province: '广东省' }, extra: { kind: '001' },
    });
  });

  it.each([
    [{ amount: '0' }, 'amount'],
    [{ amount: '1.005' }, 'amount'],
    [{ merchantNo: '工资-1' }, 'merchantNo'],
    [{ purpose: '=1+1' }, 'purpose'],
  ])('is not sent with %j', (change, field) => {
    const found = problemsOf({ ...good, ...change }, spec);
    expect(isSound(found)).toBe(false);
    expect(found).toHaveProperty(field);
  });

  it('wants what the provider alone asks for', () => expect(problemsOf({ ...good, extra: { kind: '0001' } }, spec).extra).toEqual({ kind: 'tooLong' }));
});
