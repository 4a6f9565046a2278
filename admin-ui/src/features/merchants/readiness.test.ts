import { expect, it } from 'vitest';
import type { Account } from '@/lib/queries';
import type { Schemas } from '@/lib/api/client';
import { needsOf } from './readiness';

const now = Date.parse('2026-11-28T00:00:00Z');
const account = (more: Partial<Account>): Account => ({
  id: 'acc_1', tenant_id: 'ten_1', provider: 'p', name: 'P', status: 'draft', default: true, settings: {}, key_version: 0, credentials: [], created_at: '', updated_at: '', ...more,
});
const user = (more: Partial<Schemas['User']>): Schemas['User'] => ({ id: 'usr_1', email: 'a@example.com', name: 'A', totp_enabled: false, disabled: false, created_at: '', roles: [], ...more });
const invitation = { by: 'user:usr_2', at: '2026-11-27T00:00:00Z' };

it.each([
  ['nothing', [], undefined, []],
  ['a user invited in time', [user({ invitation: { ...invitation, expires_at: '2026-12-01T00:00:00Z' } })], undefined, ['user']],
  ['a user invited long ago', [user({ invitation: { ...invitation, expires_at: '2026-11-01T00:00:00Z' } })], undefined, []],
  ['an account without keys', [], account({}), ['account']],
  ['keys', [], account({ key_version: 1 }), ['account', 'keys']],
  ['a test that failed', [], account({ key_version: 1, checked_at: '2026-11-27T00:00:00Z', check_error: 'x' }), ['account', 'keys']],
  ['a test that passed', [user({ last_login_at: '2026-11-27T00:00:00Z' })], account({ key_version: 1, checked_at: '2026-11-27T00:00:00Z' }), ['user', 'account', 'keys', 'test']],
] as const)('with %s', (_, users, acc, done) => {
  expect(needsOf([...users], acc, now).filter((n) => n.done).map((n) => n.step)).toEqual(done);
});
