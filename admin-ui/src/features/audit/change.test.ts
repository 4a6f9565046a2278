import { expect, it } from 'vitest';
import { actionNames, changesOf } from './change';

it.each([
  ['a field that changed', { name: 'a', disabled: false }, { name: 'b', disabled: false }, [{ field: 'name', before: 'a', after: 'b' }]],
  ['what was made', undefined, { role: 'x' }, [{ field: 'role', before: undefined, after: 'x' }]],
  ['what went', { url: 'u' }, null, [{ field: 'url', before: 'u', after: undefined }]],
  ['a list', { roles: ['a'] }, { roles: ['a', 'b'] }, [{ field: 'roles', before: ['a'], after: ['a', 'b'] }]],
  ['nothing', { a: [1], b: { c: 2 } }, { a: [1], b: { c: 2 } }, []],
  ['no record', null, [1, 2], undefined],
  ['a word', 'x', 'y', undefined],
])('finds %s', (_, before, after, changes) => {
  expect(changesOf(before, after)).toEqual(changes);
});

it('lists the actions there are words for', () => {
  expect(actionNames({ user: { login: 'Sign in' }, fee_rate: { add: 'Add a rate' } })).toEqual([{ value: 'user.login', label: 'Sign in' }, { value: 'fee_rate.add', label: 'Add a rate' }]);
  expect(actionNames('audit.actions')).toEqual([]);
});
