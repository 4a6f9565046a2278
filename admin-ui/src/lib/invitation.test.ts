import { expect, it } from 'vitest';
import type { Schemas } from './api/client';
import { comingOf } from './invitation';

const now = Date.parse('2026-11-28T00:00:00Z');
const user = (more: Partial<Schemas['User']>): Schemas['User'] => ({ id: 'usr_1', email: 'a@example.com', name: 'A', totp_enabled: false, disabled: false, created_at: '2026-11-01T00:00:00Z', roles: [], ...more });
const invitation = { by: 'user:usr_2', at: '2026-11-27T00:00:00Z' };

it.each([
  ['was never invited', {}, 'came'],
  ['set a password', { invitation: { ...invitation, expires_at: '2026-12-04T00:00:00Z', accepted_at: '2026-11-27T01:00:00Z' } }, 'came'],
  ['signed in before that was kept', { invitation, last_login_at: '2026-11-27T01:00:00Z' }, 'came'],
  ['may come', { invitation: { ...invitation, expires_at: '2026-11-28T00:00:01Z' } }, 'invited'],
  ['is too late', { invitation: { ...invitation, expires_at: '2026-11-28T00:00:00Z' } }, 'expired'],
  ['may not come any more', { invitation }, 'revoked'],
] as const)('who %s', (_, more, coming) => {
  expect(comingOf(user(more), now)).toBe(coming);
});
