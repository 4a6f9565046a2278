import { readFileSync } from 'node:fs';
import type { components } from '../src/lib/api/schema.gen.ts';

/** Made-up data in the API's own shapes, for looking at pages without a server. Never built in. */
type S = components['schemas'];

let counter = 0;
export function id(prefix: string): string {
  counter += 1;
  return `${prefix}_0${[...counter.toString(32)].map((d) => '0123456789abcdefghjkmnpqrstvwxyz'[parseInt(d, 32)]).join('').padStart(25, '0')}`;
}
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

export const tenants: S['Tenant'][] = [
  { name: '南山茶饮有限公司', short_name: '南山茶饮', contact: '陈晓 138 0000 0001', status: 'live' },
  { name: '江边书店(上海)文化发展有限公司', short_name: '江边书店', contact: '林一帆', status: 'live' },
  { name: 'Old Town Bakery', short_name: 'Bakery', contact: 'Mei, +86 139 0000 0002', status: 'suspended' },
  { name: '新店筹备中', short_name: '', contact: '', status: 'onboarding' },
].map((t) => ({ ...t, status: t.status as S['TenantStatus'], id: id('ten'), live: t.status === 'live', test_mode: true, created_at: ago(60 * 24 * 30), updated_at: ago(60) }));

export const stores: S['Store'][] = ['旗舰店', '滨江店'].map((name, i) => ({ id: id('sto'), tenant_id: tenants[0]!.id, name, code: `S00${i + 1}`, created_at: ago(50000) }));
export const terminals: S['Terminal'][] = stores.map((s, i) => ({ id: id('trm'), tenant_id: s.tenant_id, store_id: s.id, name: `${i + 1} 号收银台`, code: `T0${i + 1}`, created_at: ago(40000) }));

const text = (zh: string, en: string) => ({ zh, en });
export const provider: S['Provider'] = {
  id: 'demo', state: 'enabled', file: 'zhanggui-plugin-demo', sha256: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c', pid: 4711, restarts: 1, last_crash_at: ago(300),
  last_lines: ['{"level":"error","msg":"killed"}'], calls: 1287, failures: 4, mean_millis: 83.4,
  confinement: [
    { name: 'seccomp', active: true }, { name: 'landlock', active: true }, { name: 'network namespace', active: true },
    { name: 'cgroup', active: false, reason: 'The host has no delegated cgroup; the memory limit is kept by rlimit.' },
  ],
  manifest: {
    id: 'demo', name: text('示例支付', 'Demo Pay'), version: '1.0.0', protocol_version: 1,
    products: [{
      id: 'scan', name: text('扫码支付', 'Scan to pay'), capabilities: ['create_payment', 'query_payment', 'confirm_payment', 'resend_code'],
      methods: [
        { method: 'barcode', name: text('扫顾客付款码', 'Scan customer’s code'), channel_required: false, channels: [{ id: '1', name: text('支付宝', 'Alipay') }, { id: '3', name: text('微信', 'WeChat') }] },
        { method: 'qr', name: text('顾客扫码', 'Show a QR code'), channel_required: true, channels: [{ id: '1', name: text('支付宝', 'Alipay') }, { id: '3', name: text('微信', 'WeChat') }] },
      ],
    }],
    settings_schema: { type: 'object', required: ['terminal_sn'], properties: { terminal_sn: { type: 'string', maxLength: 32, 'x-label': text('终端号', 'Terminal number') }, notify: { type: 'boolean', 'x-label': text('接收通知', 'Receive callbacks') } } },
    credentials_schema: { type: 'object', required: ['terminal_key'], properties: { terminal_key: { type: 'string', 'x-type': 'md5_key', 'x-label': text('终端密钥', 'Terminal key') }, private_key: { type: 'string', 'x-type': 'rsa_private', 'x-label': text('商户私钥', 'Private key') } } },
    hosts: ['api.demo.invalid:443'],
    grants: [
      { capability: 'create_payment', requests: [{ method: 'POST', path: '/upay/v2/pay' }], keys: [{ name: 'terminal_key', operations: ['digest'] }], sends: 1, reveal: [], rotate: [] },
      { capability: 'check_in', requests: [{ method: 'POST', path: '/terminal/checkin' }], keys: [{ name: 'terminal_key', operations: ['digest'] }], sends: 1, reveal: ['terminal_key'], rotate: ['terminal_key'] },
    ],
    payer_codes: [{ method: 'barcode', channel: '1', prefixes: ['28'], lengths: [18] }],
    order_number: { max_length: 32, digits_only: false },
    poll: { fast_seconds: [1, 2, 3], window_seconds: 60, tail_seconds: [60], horizon_seconds: 120 },
    cancel: { after_seconds: { barcode: 60 }, repeat_seconds: 0 }, refund: { one_in_flight: true, conclusive: true }, reply_authentication: 'tls-only',
  },
};

const schemaOf = (plugin: string, part: string) => JSON.parse(readFileSync(new URL(`../../plugins/${plugin}/${part}.schema.json`, import.meta.url), 'utf8')) as never;
const inbound = (kind: string, zh: string, en: string, enter: boolean): S['InboundKind'] => ({ kind, name: text(zh, en), browser: false, enter });

/** The providers' real forms, for looking at them. */
const others: S['Provider'][] = [
  { plugin: 'shouqianba', name: text('收钱吧', 'Shouqianba'), inbound: [] },
  { plugin: 'bestpay', name: text('翼支付聚合收单', 'BestPay aggregate acquiring'), inbound: [inbound('p', '支付结果通知', 'Payment result', false), inbound('r', '退款结果通知', 'Refund result', false)] },
  { plugin: 'metro', name: text('大都会消费码', 'Metro consumption code'), inbound: [inbound('o', '会员开通', 'Membership opened', true), inbound('c', '会员解绑', 'Membership closed', true), inbound('m', '会员手机号更新', 'Member’s phone changed', true)] },
  { plugin: 'mmsp', name: text('MMSP 开放平台', 'MMSP open platform'), inbound: [inbound('q', '快捷支付通知', 'Quick pay notification', false)] },
].map(({ plugin, name, inbound }) => ({
  ...provider, id: plugin, file: `zhanggui-plugin-${plugin}`,
  manifest: { ...provider.manifest!, id: plugin, name, inbound, resend_seconds: 60, settings_schema: schemaOf(plugin, 'settings'), credentials_schema: schemaOf(plugin, 'credentials') },
}));
export const providers: S['Provider'][] = [provider, ...others];

/** Each with a version that runs; the first with one that asks for more and did not pass, and a file that is none. */
export const plugins: S['Plugin'][] = [
  ...providers.map((p, i): S['Plugin'] => {
    const live: S['PluginVersion'] = {
      sha256: `${i}`.repeat(64), files: [p.id], state: 'enabled', reason: text('', ''), live: true, running: true, adds: [], manifest: p.manifest,
      risks: [text('由它判断收到的回调是否真实。', 'It decides whether a callback is authentic.')], approved_by: 'command:root', approved_at: p.last_crash_at, live_at: p.last_crash_at,
    };
    const next: S['PluginVersion'] = {
      ...live, sha256: 'a'.repeat(64), files: [`${p.id}-1.1.0`], state: 'pending', live: false, running: false, approved_by: undefined, approved_at: undefined, live_at: undefined,
      reason: text('该版本未启用，需由管理员批准。', 'This version is not live: an operator has to approve it.'),
      adds: [text('访问主机 other.example', 'reach the host other.example'), text('create_refund：每次调用最多发送 2 个请求', 'create_refund: up to 2 requests a call')],
      verification: {
        plugin_id: p.id, version: '1.1.0', sha256: 'a'.repeat(64), ran_at: new Date().toISOString(), passed: false,
        checks: [
          { id: 'manifest', title: text('自述完整且一致', 'The manifest is complete and consistent'), result: 'passed', detail: text('', '') },
          { id: 'bad-answers', title: text('不采信异常应答', 'Bad answers are not believed'), result: 'failed', detail: text('未签名的应答被当作成功。', 'An unsigned reply was taken for success.') },
        ],
      },
    };
    return {
      id: p.id, state: 'enabled', reason: text('', ''), live_sha256: live.sha256, decided_by: 'command:root', decided_at: new Date().toISOString(), running_sha256: live.sha256, pid: p.pid,
      restarts: p.restarts, calls: p.calls, failures: p.failures, last_lines: [], confinement: p.confinement, versions: i === 0 ? [live, next] : [live],
      crashes: i > 0 ? [] : [{ at: new Date().toISOString(), version: '1.0.0', pid: 4711, ending: 'exit status 2', lived_millis: 5210, last_lines: ['panic: no answer', 'goroutine 1 [running]:'], reason: text('插件意外退出。', 'The plugin ended unexpectedly.') }],
    };
  }),
  {
    id: 'notes.txt', state: 'incompatible', reason: text('该文件不是 Linux 可执行文件。', 'The file is no Linux executable.'), restarts: 0, calls: 0, failures: 0, last_lines: [], crashes: [], confinement: [],
    versions: [{ sha256: 'b'.repeat(64), files: ['notes.txt'], state: 'incompatible', reason: text('该文件不是 Linux 可执行文件。', 'The file is no Linux executable.'), live: false, running: false, adds: [], risks: [] }],
  },
];

export const accounts: S['Account'][] = [{
  id: id('acc'), tenant_id: tenants[0]!.id, provider: 'demo', name: '示例支付主账户', status: 'live', default: true, settings: { terminal_sn: '100005220001' }, key_version: 2,
  credentials: [{ name: 'terminal_key', type: 'md5_key', display: '••••••••3f9a', set_by: 'user:usr_1', set_at: ago(9000), key_version: 2 }],
  checked_at: ago(120), created_at: ago(9000), updated_at: ago(120),
} as unknown as S['Account']];
for (const plugin of ['metro', 'bestpay']) {
  accounts.push({ ...accounts[0]!, id: id('acc'), provider: plugin, name: plugin, default: false, settings: {} as never, credentials: [], key_version: 1, callback_url: 'https://pay.example.com/in/3m8hq2x0' + (plugin === 'metro' ? '1k' : '2k') });
}

const subjects = ['珍珠奶茶 大杯', '拿铁咖啡', '《城南旧事》', '套餐 B(两人)', '会员充值', 'Croissant 🥐', '这是一个特别特别长的商品名称用来看看列表里会不会撑破版面所以要写得更长一些'];
const states: S['PaymentState'][] = ['succeeded', 'succeeded', 'succeeded', 'requires_action', 'processing', 'failed', 'canceled', 'succeeded', 'closed', 'expired'];

export const payments: S['Payment'][] = Array.from({ length: 57 }, (_, i) => makePayment(i));

export function makePayment(i: number, over: Partial<S['Payment']> = {}): S['Payment'] {
  const unknown = i % 11 === 4;
  const state = unknown ? 'processing' : states[i % states.length]!;
  const amount = [1250, 3800, 123450, 1, 9999999999, 8800, 29900][i % 7]!;
  const refunded = state === 'succeeded' && i % 3 === 1 ? Math.floor(amount / 4) : 0;
  return {
    id: id('pay'), tenant_id: tenants[i % 2]!.id, order_no: `2611230427000000${String(1000 + i)}`, merchant_order_no: i % 2 ? `A-${2000 + i}` : `2611230427000000${String(1000 + i)}`,
    account_id: accounts[0]!.id, provider: 'demo', store_id: stores[i % 2]!.id, method: i % 3 === 0 ? 'qr' : 'barcode', channel: i % 2 ? '1' : '3', amount, currency: 'CNY', subject: subjects[i % subjects.length]!,
    state, unknown, ...(unknown ? { unknown_since: ago(14 + i), unknown_reason: 'no_clear_answer', next_check_at: ago(-1) } : {}),
    provider_order_no: state === 'succeeded' ? `78942592440${i}` : undefined, channel_trade_no: state === 'succeeded' ? `20261123220014011${i}` : undefined,
    payer_id: state === 'succeeded' ? 'oks***eMBU' : undefined, provider_code: state === 'failed' ? 'EXPIRED_BARCODE' : undefined, provider_message: state === 'failed' ? '过期的支付条码' : undefined,
    failure_code: state === 'failed' ? 'provider_refused' : undefined,
    refunded, reserved: 0, refundable: state === 'succeeded' ? amount - refunded : 0, fee: 0, checks: unknown ? 7 : 1, created_by: 'user:usr_1', created_at: ago(i * 47 + 3), updated_at: ago(i * 47), succeeded_at: state === 'succeeded' ? ago(i * 47 + 2) : undefined, version: 3, ...over,
  };
}

export const refunds: S['Refund'][] = payments.filter((p) => p.refunded > 0).map((p, i) => ({
  id: id('ref'), tenant_id: p.tenant_id, payment_id: p.id, refund_no: `2611230427100000${1000 + i}`, merchant_refund_no: `R-${i}`, account_id: p.account_id, provider: p.provider, amount: p.refunded, currency: 'CNY', reason: i % 2 ? '顾客退货' : '少了一杯,部分退款',
  state: i === 2 ? 'processing' : i === 4 ? 'failed' : 'succeeded', unknown: i === 2, unknown_since: i === 2 ? ago(30) : undefined, checks: 2, created_by: 'user:usr_1', created_at: p.created_at, updated_at: p.updated_at, succeeded_at: p.succeeded_at, version: 2,
} as S['Refund']));

const nextActions: S['NextAction'][] = [
  { type: 'show_qr', qr_content: 'https://example.invalid/qr/1', expires_at: ago(-5) },
  { type: 'redirect', url: 'https://cashier.example.invalid/pay/c0ffee?order=26112304270000001000&sign=b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c', expires_at: ago(-5) },
  { type: 'form_post', url: 'https://pay.example.com/pay/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOpQrStUvWxYz0123456789' },
  { type: 'html', url: 'https://pay.example.com/pay/ZyXwVuTsRqPoNmLkJiHgFeDcBa9876543210AbCdEfGhIjKlMnOpQrStUvWxYz0123456789' },
  { type: 'invoke_wallet', fields: { appId: 'wx2421b1c4370ec43b', timeStamp: '1795737600', nonceStr: 'e61463f8efa94090b1f366cccfbbb444', package: 'prepay_id=u802345jgfjsdfgsdg888', signType: 'MD5', paySign: '70EA570631E4BB79628FBCA90534C63FF7FADD89' } },
  { type: 'enter_code' },
];
/** One waiting payment for each thing that a payer may be asked to do; the newest of the list. */
export const waiting: S['Payment'][] = nextActions.map((next_action, i) => makePayment(i * 2, { state: 'requires_action', unknown: false, tenant_id: tenants[0]!.id, amount: 1250, refunded: 0, refundable: 0, subject: next_action.type, next_action, method: 'qr' }));
payments.unshift(...waiting);

const user = (name: string, email: string, role: S['Role'], tenant?: string): S['User'] => ({
  id: id('usr'), email, name, totp_enabled: role.endsWith('admin'), disabled: false, created_at: ago(90000), last_login_at: ago(12), roles: [{ role, store_ids: [], ...(tenant ? { tenant_id: tenant, tenant_name: tenants.find((t) => t.id === tenant)?.name } : {}) }],
});
export const admin = user('周掌柜', 'admin@example.com', 'platform_admin');
export const owner = user('陈晓', 'owner@example.com', 'tenant_owner', tenants[0]!.id);
export const cashier = user('小王', 'cashier@example.com', 'tenant_cashier', tenants[0]!.id);
export const users = [admin, owner, cashier, user('Ann Lee', 'ann@example.com', 'tenant_finance', tenants[0]!.id)];

export const apiKeys: S['APIKey'][] = [
  { id: id('key'), tenant_id: tenants[0]!.id, name: '收银系统', prefix: 'zgk_8f3a', role: 'tenant_developer', created_by: 'user:usr_1', created_at: ago(8000), last_used_at: ago(3) },
  { id: id('key'), tenant_id: tenants[0]!.id, name: '旧系统', prefix: 'zgk_19bc', role: 'tenant_developer', created_by: 'user:usr_1', created_at: ago(80000), revoked_at: ago(900) },
];
export const audit: S['AuditEntry'][] = ['payment.create', 'account.set_credentials', 'user.create', 'tenant.status', 'refund.create'].map((action, i) => ({
  id: id('aud'), actor: 'user:usr_01kc5rh2s8e7zr3v9f6m4t1x0q', action, object: payments[i]!.id, after: { amount: 1250 }, ip: '203.0.113.7', request_id: `req-${i}`, created_at: ago(i * 13), sealed: i > 0, chain_index: 100 - i,
} as unknown as S['AuditEntry']));

export function detail(payment: S['Payment']): S['PaymentDetail'] {
  const attempt = (operation: string, outcome: string, minutes: number): S['Attempt'] => ({
    id: id('att'), payment_id: payment.id, account_id: payment.account_id, operation, outcome, sent: 'maybe', provider_code: 'PAY_SUCCESS', provider_message: '交易成功', evidence: { request: { client_sn: payment.order_no, dynamic_id: '[redacted]' }, reply: { result_code: '200' } } as never,
    key_uses: { terminal_key: 2 }, key_version: 2, plugin: 'demo 1.0.0', started_at: ago(minutes), finished_at: ago(minutes), duration_millis: 183,
  });
  const event = (type: string, minutes: number): S['Event'] => ({ id: id('evt'), tenant_id: payment.tenant_id, type, object_id: payment.id, sequence: 1, data: {} as never, created_at: ago(minutes) });
  const coded = payment.next_action?.type === 'enter_code';
  const attempts = [attempt('create_payment', payment.unknown ? 'unknown' : 'in_progress', 9), attempt('query_payment', payment.unknown ? 'unknown' : 'succeeded', 8), ...(coded ? [attempt('confirm_payment', 'refused', 6), attempt('resend_code', 'succeeded', 5)] : [])];
  const events = [event('payment.created', 10), event(payment.unknown ? 'payment.unknown' : `payment.${payment.state}`, 7)];
  const timeline: S['TimelineEntry'][] = [
    { at: events[0]!.created_at, kind: 'event', id: events[0]!.id, title: events[0]!.type },
    ...attempts.map((a) => ({ at: a.started_at, kind: 'attempt' as const, id: a.id, title: a.operation, outcome: a.outcome })),
    { at: events[1]!.created_at, kind: 'event', id: events[1]!.id, title: events[1]!.type },
  ];
  const open = payment.unknown || payment.state === 'processing' || payment.state === 'requires_action';
  return { payment, tenant: tenants.find((t) => t.id === payment.tenant_id), account: accounts[0], refunds: refunds.filter((r) => r.payment_id === payment.id), attempts, events, timeline, cancelable: open, syncable: open, can_refund: payment.refundable > 0 };
}
