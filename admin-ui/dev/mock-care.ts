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

const finance = data.users[3]!;
const [paid] = data.payments.filter((p) => p.tenant_id === tenant && p.state === 'succeeded' && p.refundable > 1000);
const waits = (i: number, over: Partial<S['Approval']> = {}): S['Approval'] => ({
  id: data.id('apr'), tenant_id: tenant, kind: 'refund', object_id: data.refunds[0]!.id, amount: [1_250_000, 9_999_999_999, 1_880_050][i % 3]!, currency: 'CNY', needed: 1, state: 'pending',
  summary: { payment_id: paid!.id, order_no: paid!.order_no, merchant_order_no: 'A-2001', paid: paid!.amount, refunded: 0, refund_no: '26112304271000001000', provider: 'demo', subject: paid!.subject, reason: '顾客退货' } as never,
  made_by: `user:${finance.id}`, note: ['顾客退货', '活动取消，全部退回', 'The order was placed twice by mistake'][i % 3]!, created_at: ago(i * 90 + 12), expires_at: ago(i * 90 - 72 * 60), decisions: [], ...over,
});
export const approvals: S['Approval'][] = [
  waits(0), waits(1, { made_by: `user:${data.admin.id}` }), waits(2, { needed: 2, decisions: [{ actor: `user:${data.owner.id}`, agree: true, note: '已与顾客核对', at: ago(30) }] }), waits(3, { kind: 'payout', object_id: data.id('po'), made_by: 'key:key_01kc5rh2s8e7zr3v9f6m4t1x0q' }),
  waits(4, { state: 'rejected', decided_at: ago(300), decisions: [{ actor: `user:${data.owner.id}`, agree: false, note: '金额不对', at: ago(300) }] }), waits(5, { state: 'expired', decided_at: ago(200) }),
];
export const tiers: S['ApprovalTier'][] = [
  { kind: 'refund', role: 'tenant_finance', from: 1_000_000, needed: 1 }, { kind: 'refund', role: 'platform_admin', from: 500, needed: 1 }, { kind: 'payout', from: 0, needed: 1 }, { kind: 'payout', from: 5_000_000, needed: 2 },
  { kind: 'payout_batch', from: 0, needed: 1 }, { kind: 'resolution', from: 0, needed: 1 },
];

const doubtful = data.payments.filter((p) => p.unknown);
const ofOrder = (p: S['Payment'], i: number, over: Partial<S['Case']> = {}): S['Case'] => ({
  id: data.id('cas'), tenant_id: tenant, kind: 'unknown_payment', object_kind: 'payment', object_id: p.id, account_id: p.account_id, reason: 'no_clear_answer', times: 1, open: true, owner: i % 3 === 1 ? `user:${finance.id}` : '',
  details: { order_no: p.order_no, amount: p.amount, provider: p.provider } as never, opened_at: ago(i * 260 + 14), last_at: ago(i * 260 + 14), ...over,
});
export const cases: S['Case'][] = [
  ...doubtful.map((p, i) => ofOrder(p, i)).reverse(),
  ofOrder(doubtful[0]!, 2, { kind: 'callback_unverified', object_kind: 'account', object_id: data.accounts[0]!.id, reason: 'p', times: 12, details: {} as never }),
  ofOrder(doubtful[1]!, 9, { open: false, closing: 'settled', closed_at: ago(60), closed_by: `user:${data.owner.id}`, closed_note: '' }),
];
export function caseDetail(c: S['Case']): S['CaseDetail'] {
  const payment = data.payments.find((p) => p.id === c.object_id);
  const { attempts, events, timeline } = data.detail(payment ?? data.payments[0]!);
  return {
    case: c, account: data.accounts[0]!, payment, attempts, events, timeline, callbacks: callbacks.slice(0, 2), askable: true, conclusive: false, settled_by: { zh: '对账单，或订单的净额', en: 'the bill, or the order’s net amount' },
    last_asked_at: ago(4), next_ask_at: ago(-56),
    resolutions: c.open ? [] : [{ id: data.id('res'), case_id: c.id, object_id: c.object_id, amount: 1250, currency: 'CNY', outcome: 'succeeded', evidence_no: 'BILL-20261123-17', note: '当日对账单中有此笔', state: 'applied', made_by: `user:${finance.id}`, created_at: ago(90), applied_at: ago(60) }],
  };
}
