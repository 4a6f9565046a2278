import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';
import * as booked from './mock-books.ts';
import * as caring from './mock-care.ts';
import * as data from './mock-data.ts';

/** A stand-in for the server, for `npm run dev:mock` only: enough of the API to look at every page. */
export function mockAPI(): Plugin {
  return {
    name: 'mock-api',
    configureServer(server) {
      server.middlewares.use('/v1', (req, res) => void answer(req, res));
    },
    configurePreviewServer(server) {
      server.middlewares.use('/v1', (req, res) => void answer(req, res));
    },
  };
}

type Body = Record<string, unknown>;
interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Body;
  tenant?: string;
  cookie: string;
}
class Refusal {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly param?: string,
    readonly args?: Record<string, string>,
  ) {}
}

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = new URL(req.url ?? '/', 'http://mock');
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const call: Call = {
    method: req.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    body: chunks.length && req.headers['content-type'] === 'application/json' ? (JSON.parse(Buffer.concat(chunks).toString()) as Body) : {},
    tenant: req.headers['zhanggui-tenant'] as string | undefined,
    cookie: /mock=(\w+)/.exec(req.headers.cookie ?? '')?.[1] ?? '',
  };
  await new Promise((r) => setTimeout(r, 60));
  try {
    const [status, body, headers] = route(call);
    res.writeHead(status, { 'content-type': 'application/json', ...headers });
    res.end(body === undefined ? '' : JSON.stringify(body));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    res.writeHead(refusal.status, { 'content-type': 'application/problem+json' });
    res.end(JSON.stringify({ type: '', title: '', status: refusal.status, code: refusal.code, detail: refusal.detail, param: refusal.param, args: refusal.args, request_id: 'req-mock-1' }));
  }
}

type Reply = [number, unknown?, Record<string, string>?];
const ok = (body: unknown): Reply => [200, body];
const items = (list: unknown[]): Reply => ok({ items: list });

function page<T>(list: T[], query: URLSearchParams): Reply {
  const from = Number(query.get('cursor') ?? 0);
  const limit = Number(query.get('limit') ?? 20);
  return ok({ items: list.slice(from, from + limit), ...(from + limit < list.length ? { next_cursor: String(from + limit) } : {}) });
}

const policy = readFileSync(new URL('../../policies/policy.csv', import.meta.url), 'utf8');
function permissions(role: string) {
  return policy
    .split('\n')
    .filter((line) => line.startsWith(`p, ${role},`))
    .flatMap((line) => {
      const [, , , object, actions] = line.split(',').map((part) => part.trim());
      return actions!.split('|').map((action) => ({ object, action }));
    });
}

function me(who: string, tenant: string | undefined) {
  const user = who === 'owner' ? data.owner : who === 'cashier' ? data.cashier : data.admin;
  const platform = user === data.admin;
  return { user, platform, tenant_id: platform ? tenant : data.tenants[0]!.id, permissions: permissions(user.roles[0]!.role), csrf_token: 'mock', test_mode: true };
}

function route(c: Call): Reply {
  const parts = c.path.split('/').filter(Boolean);
  const key = `${c.method} /${parts.join('/')}`;
  if (key === 'POST /session') {
    const who = String(c.body.email).split('@')[0]!;
    if (c.body.password === 'wrong') throw new Refusal(401, 'login_failed', 'The e-mail, password or one-time code is wrong.');
    if (c.body.password === 'totp' && !c.body.code) throw new Refusal(401, 'totp_required', 'Enter the one-time code as well.');
    return [201, { expires_at: new Date().toISOString(), me: me(who, undefined) }, { 'set-cookie': `mock=${who}; Path=/` }];
  }
  if (key === 'POST /session/link') {
    if (c.body.token === 'login') return [201, { expires_at: '', me: me('admin', undefined) }, { 'set-cookie': 'mock=admin; Path=/' }];
    if (c.body.token === 'setup' && !c.body.email) throw new Refusal(400, 'invalid_request', 'Enter an e-mail address.', '/email');
    if (!c.body.password) throw new Refusal(400, 'invalid_request', 'Choose a password.', '/password');
    throw new Refusal(400, 'invalid_request', 'The password has 5 characters; it needs at least 12.', '/password');
  }
  if (!c.cookie) throw new Refusal(401, 'unauthenticated', 'Sign in or send an API key.');
  if (key === 'GET /session') return ok(me(c.cookie, c.tenant));
  if (key === 'DELETE /session') return [204, undefined, { 'set-cookie': 'mock=; Path=/; Max-Age=0' }];
  return trade(c, key, parts) ?? care(c, key, parts) ?? books(c, key, parts) ?? manage(c, key, parts);
}

function mine<T extends { tenant_id: string }>(c: Call, list: T[]): T[] {
  const tenant = c.cookie === 'admin' ? c.tenant : data.tenants[0]!.id;
  return tenant ? list.filter((x) => x.tenant_id === tenant) : list;
}

function care(c: Call, key: string, parts: string[]): Reply | undefined {
  if (key === 'GET /actors') return items(caring.actors);
  if (key === 'GET /callbacks') return page(mine(c, caring.callbacks).filter((x) => c.query.getAll('effect').length === 0 || c.query.getAll('effect').includes(x.effect)), c.query);
  if (parts[0] === 'callbacks' && parts[2] === 'rerun') return ok(Object.assign(caring.callbacks.find((x) => x.id === parts[1])!, { effect: 'repeated' }));
  if (key === 'GET /alerts') return page(caring.alerts.filter((a) => c.query.get('open') !== 'true' || !a.resolved_at), c.query);
  if (parts[0] === 'alerts' && parts[2] === 'take') return ok(Object.assign(caring.alerts.find((a) => a.id === parts[1])!, { seen_by: `user:${data.admin.id}`, seen_at: new Date().toISOString() }));
  if (key === 'GET /approvals') return page(mine(c, caring.approvals).filter((a) => c.query.getAll('state').includes(a.state)), c.query);
  const approval = parts[0] === 'approvals' ? caring.approvals.find((a) => a.id === parts[1]) : undefined;
  if (approval && parts.length === 2) return ok(approval);
  if (approval && parts[2] === 'withdraw') return ok(Object.assign(approval, { state: 'withdrawn', decided_at: new Date().toISOString() }));
  if (approval && parts[2] === 'decide') {
    if (approval.kind === 'payout') throw new Refusal(409, 'invalid_state', 'The request is expired already.');
    approval.decisions.push({ actor: `user:${data.admin.id}`, agree: Boolean(c.body.agree), note: String(c.body.note ?? ''), at: new Date().toISOString() });
    if (!c.body.agree || approval.decisions.length >= approval.needed) Object.assign(approval, { state: c.body.agree ? 'approved' : 'rejected', decided_at: new Date().toISOString() });
    return ok(approval);
  }
  if (key === 'GET /cases') return page(mine(c, caring.cases).filter((x) => c.query.get('open') !== 'true' || x.open), c.query);
  const found = parts[0] === 'cases' ? caring.cases.find((x) => x.id === parts[1]) : undefined;
  if (found && parts[2] === 'assign') return ok(Object.assign(found, { owner: c.body.user_id ? `user:${String(c.body.user_id)}` : '' }));
  if (found) return ok(caring.caseDetail(found));
  if (parts[0] === 'approval-tiers') return ok({ tiers: c.method === 'PUT' ? c.body.tiers : caring.tiers });
  return undefined;
}

function books(c: Call, key: string, parts: string[]): Reply | undefined {
  if (key === 'GET /reconciliation-days') return page(mine(c, booked.days).filter((d) => d.day >= c.query.get('from')! && d.day <= c.query.get('to')!), c.query);
  if (key === 'POST /reconciliation-days/run') return [202, booked.days.find((d) => d.account_id === c.body.account_id && d.day === c.body.day)];
  if (parts[0] === 'reconciliation-days') return ok(booked.dayDetail(booked.days.find((d) => d.id === parts[1])!));
  if (parts[0] === 'bills') return page(booked.lines, c.query);
  if (key === 'GET /settlement') return ok({ from: c.query.get('from'), to: c.query.get('to'), items: mine(c, booked.settlement), total: booked.settlementTotal });
  if (key === 'GET /settlement/entries') return page(booked.entries, c.query);
  if (key === 'GET /shifts') return ok(booked.shift);
  if (key === 'GET /export-columns') return items(booked.exportColumns);
  if (key === 'POST /exports') return [202, booked.exports[1]];
  if (parts[0] === 'exports') return parts[1] ? ok(Object.assign(booked.exports.find((e) => e.id === parts[1])!, { state: 'canceled' })) : page(booked.exports, c.query);
  if (key === 'POST /bill-mappings/preview') return ok({ ...booked.preview, ...((c.body.rules as { columns: Body }).columns.time === '?1' ? { lines: [] } : {}) });
  if (parts[0] === 'bill-mappings') return c.method === 'GET' ? ok({ items: booked.mappings, fields: booked.fields }) : [201, booked.mappings[0]];
  if (key === 'GET /bill-imports') return page(booked.imports, c.query);
  if (parts[0] === 'bill-imports' && c.method === 'GET') {
    const brought = booked.imports.find((i) => i.id === parts[1])!;
    return ok({ import: brought, mapping_name: booked.mappings[0]!.name, errors: brought.state === 'invalid' ? booked.rowErrors : [] });
  }
  if (parts[0] === 'bill-imports') return [201, booked.imports[0]];
  const asked = c.query.getAll('state');
  if (key === 'GET /differences') return page(mine(c, booked.differences).filter((d) => asked.length === 0 || asked.includes(d.state)), c.query);
  const found = parts[0] === 'differences' ? booked.differences.find((d) => d.id === parts[1]) : undefined;
  if (!found) return undefined;
  const remark = String(c.body.remark ?? '');
  const ended = { remark, resolved_at: new Date().toISOString(), resolved_by: `user:${data.owner.id}` };
  const becomes: Record<string, object> = { assign: { owner: c.body.user_id && `user:${String(c.body.user_id)}` }, accept: { ...ended, state: 'accepted' }, link: { ...ended, state: 'linked', linked_id: c.body.object_id }, correct: { remark, state: 'correcting' }, reopen: { state: 'open', resolved_at: undefined, resolved_by: undefined } };
  return ok(parts[2] ? Object.assign(found, becomes[parts[2]]) : booked.differenceDetail(found));
}

function trade(c: Call, key: string, parts: string[]): Reply | undefined {
  const states = c.query.getAll('state');
  if (key === 'GET /payments') {
    let list = mine(c, data.payments);
    if (states.length) list = list.filter((p) => states.includes(p.state));
    if (c.query.get('unknown') === 'true') list = list.filter((p) => p.unknown);
    if (c.query.get('number')) list = list.filter((p) => [p.order_no, p.merchant_order_no].includes(c.query.get('number')!));
    return page(list, c.query);
  }
  if (key === 'POST /payments') {
    // ¥8.00 to ¥8.05 show what a payer may be asked to do.
    const asked = data.waiting[(c.body.amount as number) - 800];
    if (c.body.method === 'qr' && asked) return [201, asked];
    if (c.body.payer_code === '1') throw new Refusal(400, 'invalid_payer_code', 'The code fits no provider.', '/payer_code');
    const qr = c.body.method === 'qr';
    const unknown = c.body.amount === 404;
    const failed = c.body.amount === 500;
    const payment = data.makePayment(0, {
      amount: c.body.amount as number, subject: String(c.body.subject), method: String(c.body.method), unknown, refunded: 0, refundable: qr || unknown || failed ? 0 : (c.body.amount as number), tenant_id: data.tenants[0]!.id,
      state: qr ? 'requires_action' : unknown ? 'processing' : failed ? 'failed' : 'succeeded', ...(failed ? { provider_code: 'EXPIRED_BARCODE', provider_message: '过期的支付条码', failure_code: 'provider_refused' } : {}), ...(qr ? { next_action: { type: 'show_qr', qr_content: 'https://example.invalid/qr/1' } } : {}), created_at: new Date().toISOString(),
    });
    data.payments.unshift(payment);
    return [201, payment];
  }
  const payment = data.payments.find((p) => p.id === parts[1]);
  if (parts[0] === 'payments') {
    if (!payment) throw new Refusal(404, 'not_found', 'There is no such payment, or it is not yours.');
    if (parts[2] === 'resend-code') throw new Refusal(409, 'too_early', 'The provider sends at most one code in 60 seconds; nothing was sent.', undefined, { seconds: '41' });
    if (parts[2] === 'confirm') {
      if (c.body.code === '0000') throw new Refusal(409, 'provider_refused', 'The provider did not take the code: 1007 验证码错误', '/code');
      Object.assign(payment, { state: 'succeeded', next_action: undefined, refundable: payment.amount, version: payment.version + 1 });
    }
    return parts[2] ? ok(payment) : ok(data.detail(payment));
  }
  if (key === 'GET /refunds') return page(states.length ? mine(c, data.refunds).filter((r) => states.includes(r.state)) : mine(c, data.refunds), c.query);
  if (key === 'POST /refunds') {
    const target = data.payments.find((p) => p.id === c.body.payment_id)!;
    if ((c.body.amount as number) === 777) throw new Refusal(409, 'refund_exceeds_remaining', 'More than what is left.', '/amount');
    target.refunded += c.body.amount as number;
    target.refundable -= c.body.amount as number;
    const refund = { ...data.refunds[0]!, id: data.id('ref'), payment_id: target.id, amount: c.body.amount as number, reason: String(c.body.reason), state: 'succeeded' as const, unknown: false };
    data.refunds.unshift(refund);
    return [201, refund];
  }
  if (parts[0] === 'refunds') {
    const refund = data.refunds.find((r) => r.id === parts[1]);
    if (!refund) throw new Refusal(404, 'not_found', 'There is no such refund, or it is not yours.');
    if (parts[2]) return ok(refund);
    const d = data.detail(data.payments.find((p) => p.id === refund.payment_id)!);
    return ok({ ...d, refund });
  }
  if (key === 'GET /search') {
    const n = c.query.get('number');
    return ok({ payments: data.payments.filter((p) => [p.order_no, p.merchant_order_no, p.provider_order_no, p.id].includes(n!)), refunds: data.refunds.filter((r) => r.refund_no === n), payouts: [] });
  }
  if (key === 'GET /summary') {
    const by_hour = Array.from({ length: 24 }, (_, h) => (h > 7 && h < 22 ? Math.round(Math.abs(Math.sin(h + new Date(c.query.get('from')!).getUTCDate())) * 260000) : 0));
    return ok({ from: c.query.get('from'), to: c.query.get('to'), paid: by_hour.reduce((a, b) => a + b, 0), refunded: 12800, paid_count: 318, refunded_count: 3, failed_count: 9, unknown_count: 5, by_provider: { demo: 1 }, by_hour });
  }
  return undefined;
}

function manage(c: Call, key: string, parts: string[]): Reply {
  if (key === 'GET /tenants') return page(data.tenants.filter((t) => (!c.query.get('search') || t.name.includes(c.query.get('search')!)) && (!c.query.get('status') || t.status === c.query.get('status'))), c.query);
  if (key === 'POST /tenants') {
    if (c.body.name === 'bad') throw new Refusal(400, 'invalid_request', 'The name is taken.', '/name');
    const tenant = { ...data.tenants[3]!, ...c.body, id: data.id('ten'), status: 'onboarding' as const };
    data.tenants.push(tenant);
    return [201, tenant];
  }
  if (parts[0] === 'tenants') {
    const tenant = data.tenants.find((t) => t.id === parts[1]);
    if (!tenant) throw new Refusal(404, 'not_found', 'There is no such merchant, or it is not yours.');
    Object.assign(tenant, c.body);
    return ok(tenant);
  }
  if (key === 'GET /stores') return items(mine(c, data.stores));
  if (key === 'GET /terminals') return items(mine(c, data.terminals));
  if (key === 'GET /providers') return items(data.providers);
  if (parts[0] === 'providers') return ok(data.providers.find((p) => p.id === parts[1]));
  if (key === 'GET /plugins') return items(data.plugins);
  if (key === 'GET /accounts') return items(mine(c, data.accounts));
  if (key === 'POST /accounts') {
    const account = { ...data.accounts[0]!, ...c.body, id: data.id('acc'), tenant_id: c.tenant!, status: 'draft' as const, key_version: 0, credentials: [], checked_at: undefined };
    data.accounts.push(account as never);
    return [201, account];
  }
  if (parts[0] === 'accounts') {
    const account = data.accounts.find((a) => a.id === parts[1])!;
    if (parts[2] === 'credentials') {
      const credentials = c.body.credentials as { name: string; text?: string }[];
      const bad = credentials.findIndex((x) => x.text === 'bad');
      if (bad >= 0) throw new Refusal(400, 'invalid_credential', 'The pasted text is a certificate; a private key belongs here.', `/credentials/${bad}/text`);
      account.key_version += 1;
      account.credentials = credentials.map((x) => ({ name: x.name, type: 'md5_key', display: '••••3f9a', set_by: 'user', set_at: new Date().toISOString(), key_version: 1 }));
    } else if (parts[2] === 'test') {
      account.checked_at = new Date().toISOString();
      return ok({ ok: true, account, steps: [{ name: 'keys', ok: true, message: { zh: '密钥格式正确。', en: 'The keys have the right form.' } }, { name: 'query', ok: true, message: { zh: '渠道回答了查询。', en: 'The provider answered.' }, provider_code: 'ORDER_NOT_EXISTS', provider_message: '订单不存在' }] });
    } else Object.assign(account, c.body);
    return ok(account);
  }
  if (key === 'GET /users') return items(c.cookie === 'admin' && !c.tenant ? [data.admin] : data.users.filter((u) => u.roles.some((r) => r.tenant_id === (c.cookie === 'admin' ? c.tenant : data.tenants[0]!.id))));
  if (key === 'POST /users') {
    const user = { ...data.owner, id: data.id('usr'), name: String(c.body.name), email: String(c.body.email), roles: c.body.roles as never };
    data.users.push(user);
    return [201, { user, invite_url: 'http://localhost:5173/link#qm3v8s7Jm2mXk2v9cQ1b' }];
  }
  if (parts[0] === 'users') return ok(data.users[1]);
  if (key === 'GET /roles') return items(['platform_admin', 'platform_auditor', 'tenant_owner', 'tenant_cashier', 'tenant_finance'].map((role) => ({ role, platform: role.startsWith('platform'), name: { zh: role, en: role }, description: { zh: '说明文字', en: 'What this role is for.' } })));
  if (key === 'GET /api-keys') return items(data.apiKeys);
  if (key === 'POST /api-keys') return [201, { api_key: { ...data.apiKeys[0]!, name: c.body.name }, secret: 'zgk_8f3a0000000000000000000000000000' }];
  if (key === 'GET /audit') return page(data.audit, c.query);
  if (key === 'GET /audit/verification') return ok({ ok: true, rows: 1234, head: 'ab' });
  if (key === 'GET /sessions') return items([{ id: data.id('ses'), current: true, created_at: new Date().toISOString(), seen_at: new Date().toISOString(), expires_at: '', ip: '203.0.113.7', user_agent: 'Mozilla/5.0 Chrome/140.0' }, { id: data.id('ses'), current: false, created_at: new Date().toISOString(), seen_at: new Date().toISOString(), expires_at: '', ip: '203.0.113.9', user_agent: 'Mozilla/5.0 Firefox/130.0' }]);
  if (key === 'POST /session/totp') return ok({ url: 'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP', secret: 'JBSWY3DPEHPK3PXP' });
  if (key === 'POST /session/totp/confirm') return ok({ recovery_codes: ['aaaa-bbbb', 'cccc-dddd', 'eeee-ffff', 'gggg-hhhh'] });
  return [204];
}
