import type { components } from '../src/lib/api/schema.gen.ts';
import * as data from './mock-data.ts';

/** What needs people, made up: callbacks and alerts. */
type S = components['schemas'];

const tenant = data.tenants[0]!.id;
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

const effects: S['CallbackEffect'][] = ['applied', 'applied', 'repeated', 'refused', 'disagrees', 'not_known', 'failed', 'replayed', 'asked', 'received'];
export const callbacks: S['Callback'][] = Array.from({ length: 26 }, (_, i) => {
  const effect = effects[i % effects.length]!;
  return {
    id: data.id('cbk'), tenant_id: tenant, account_id: data.accounts[0]!.id, kind: i % 2 ? 'r' : 'p', ip: '203.0.113.40', verified: !['refused', 'failed', 'received'].includes(effect), effect,
    reason: effect === 'disagrees' ? 'other_amount' : effect === 'not_known' ? 'order_not_known' : effect === 'failed' ? 'plugin_unavailable' : undefined,
    object_id: ['applied', 'repeated', 'disagrees'].includes(effect) ? data.payments[i + 8]!.id : undefined, provider_code: 'SUCCESS', answer_status: effect === 'refused' ? 401 : 200, plugin: 'bestpay',
    received_at: ago(i * 37 + 2), finished_at: ago(i * 37 + 2),
  };
});

const about = (over: Partial<S['Alert']>): S['Alert'] => ({
  id: data.id('alt'), kind: 'unknown_old', severity: 'warning', object_kind: 'payment', object: '', args: {}, times: 1, opened_at: ago(50), last_at: ago(3), ...over,
});
export const alerts: S['Alert'][] = [
  about({ tenant_id: tenant, object_id: data.payments[10]!.id, object: data.payments[10]!.order_no, args: { since: ago(48) } }),
  about({ kind: 'correction', severity: 'critical', tenant_id: tenant, object_id: data.payments[6]!.id, object: data.payments[6]!.order_no, args: { from: 'failed', to: 'succeeded' } }),
  about({ kind: 'breaker_open', object_kind: 'plugin', object: 'bestpay', args: { cause: 'crash', crashes: '6' }, times: 41, seen_by: `user:${data.admin.id}`, seen_at: ago(12) }),
  about({ kind: 'callback_unverified', tenant_id: tenant, object_kind: 'account', object_id: data.accounts[0]!.id, object: data.accounts[0]!.name, args: { count: '5', minutes: '10' }, times: 3 }),
  about({ kind: 'vault_closing', severity: 'critical', object_kind: 'vault', object: 'vault', args: { since: ago(4) }, resolved_at: ago(1) }),
];
export const actors: S['Actor'][] = data.users.map((u) => ({ actor: `user:${u.id}`, name: u.name, platform: u === data.admin, active: true }));
