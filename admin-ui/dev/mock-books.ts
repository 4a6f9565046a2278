import type { components } from '../src/lib/api/schema.gen.ts';
import * as caring from './mock-care.ts';
import * as data from './mock-data.ts';

/** The books, made up: days that were compared, the bills they were compared with, and where they differ. */
type S = components['schemas'];

const tenant = data.tenants[0]!.id;
const beijing = (daysAgo: number) => new Date(Date.now() + 8 * 3_600_000 - daysAgo * 86_400_000).toISOString().slice(0, 10);
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const states: S['ReconciliationState'][] = ['waiting', 'clean', 'open', 'clean', 'incomplete', 'clean', 'clean', 'open', 'clean', 'clean', 'running', 'clean', 'clean'];

const accounts = data.accounts.filter((a) => a.tenant_id === tenant);
export const days: S['ReconciliationDay'][] = accounts.flatMap((account, a) =>
  Array.from({ length: 12 }, (_, i): S['ReconciliationDay'] => {
    const state = states[(i + a * 3) % states.length]!;
    const paid = { kind: 'payment', count: 318 - i, amount: 1_250_450 - i * 8800, fee: 4751 } as const;
    const refunded = { kind: 'refund', count: 3, amount: 12_800, fee: 0 } as const;
    const compared = state === 'clean' || state === 'open';
    return {
      id: data.id('rec'), tenant_id: tenant, account_id: account.id, provider: account.provider, day: beijing(i + 1), state, run: compared ? 1 + (i % 2) : 0, attempts: state === 'waiting' ? 2 : 0, version: 3, created_at: ago(600 + i * 1440),
      ours: compared ? [paid, refunded] : [], theirs: compared ? [state === 'open' ? { ...paid, count: paid.count + 1, amount: paid.amount + 1250 } : paid, refunded] : [],
      matched: compared ? 318 : 0, carried: i === 2 ? 1 : 0, unasked: 0, open: state === 'open' ? 4 : 0, resolved: i % 3,
      ...(state === 'waiting' ? { reason: 'bill_not_ready', provider_code: 'BILL_NOT_READY', provider_message: '账单尚未生成', next_check_at: ago(-40) } : {}), ...(state === 'incomplete' ? { reason: 'provider_refused' } : {}),
      ...(compared ? { started_at: ago(301), finished_at: ago(300) } : {}),
    };
  }),
);
const open = days.find((d) => d.state === 'open')!;

const side = (over: Partial<S['DifferenceSide']>): S['DifferenceSide'] => ({ present: true, currency: 'CNY', amount: 1250, at: ago(1700), state: 'succeeded', ...over });
const absent: S['DifferenceSide'] = { present: false };
const bill: S['Bill'] = { id: data.id('bil'), tenant_id: tenant, account_id: open.account_id, provider: open.provider, day: open.day, source: 'list', state: 'ready', lines: 321, asked: 0, unanswered: 0, created_at: ago(302), ready_at: ago(301) };
const differs = (kind: S['DifferenceKind'], i: number, over: Partial<S['Difference']>): S['Difference'] => {
  const payment = data.payments[i + 8]!;
  return {
    id: data.id('dif'), tenant_id: tenant, reconciliation_id: open.id, account_id: open.account_id, provider: open.provider, day: open.day, kind, movement: 'payment', object_kind: 'payment', object_id: payment.id, number: payment.order_no, provider_number: `78952553${i}047`,
    ours: side({ amount: payment.amount }), theirs: side({ amount: payment.amount, fee: 5 }), bill_id: bill.id, bill_line: 17 + i, state: 'open', found_at: ago(300), found_run: 1, version: 1, ...over,
  };
};
export const differences: S['Difference'][] = [
  differs('surplus', 1, { ours: absent, object_id: undefined, object_kind: undefined, number: undefined }),
  differs('shortage', 2, { theirs: absent, bill_line: undefined, owner: `user:${data.owner.id}` }),
  differs('amount', 3, { theirs: side({ amount: 1520 }) }),
  differs('state', 4, { ours: side({ state: 'closed', at: undefined }) }),
  differs('state', 5, { state: 'correcting', ours: side({ state: 'failed', at: undefined }), remark: '账单显示已支付', approval_id: caring.approvals[0]!.id }),
  differs('fee', 6, { state: 'accepted', remark: '费率上月调整', resolved_at: ago(60), resolved_by: `user:${data.owner.id}` }),
];

export function dayDetail(day: S['ReconciliationDay']): S['ReconciliationDetail'] {
  const bills: S['Bill'][] = day.ours.length > 0 ? [bill, { ...bill, id: data.id('bil'), state: 'superseded', source: 'file', superseded_at: ago(310) }] : [];
  return { day, account: data.accounts.find((a) => a.id === day.account_id)!, bills, by_kind: day.open > 0 ? { surplus: 1, shortage: 1, amount: 1, state: 1 } : {} };
}

export const lines: S['BillLine'][] = data.payments.slice(0, 60).map((p, i) => ({
  line: i + 1, kind: i % 9 === 4 ? 'refund' : 'payment', number: i % 11 === 5 ? undefined : p.order_no, provider_number: `7895255300${i}047`, outcome: 'succeeded', amount: p.amount, currency: 'CNY', fee: i % 2 ? 5 : undefined, at: p.created_at, method: 'WECHAT', status: 'PAID',
}));

export function differenceDetail(d: S['Difference']): S['DifferenceDetail'] {
  const state = d.kind === 'state' && d.state === 'open';
  return {
    difference: d, account: data.accounts.find((a) => a.id === d.account_id)!, payment: data.payments.find((p) => p.id === d.object_id), line: d.bill_line ? { ...lines[0]!, line: d.bill_line, amount: d.theirs.amount!, number: d.number } : undefined,
    approvals: d.state === 'correcting' ? [caring.approvals[0]!] : [], askable: d.kind !== 'surplus',
    ...(state ? { correctable: 'succeeded' } : { not_correctable: '金额不能更正。请向渠道核实，或说明后结束。' }),
  };
}

const stores = data.stores;
const sums = (i: number): S['SettlementSum'] => ({ payments: 120 - i, paid: 488_650 - i * 990, refunds: i % 3, refunded: (i % 3) * 1250, payouts: 0, paid_out: 0, fees: 1466, corrections: i === 3 ? -1250 : 0, net: 488_650 - i * 990 - (i % 3) * 1250 - 1466 });
export const settlement: S['SettlementLine'][] = Array.from({ length: 12 }, (_, i) => ({ tenant_id: tenant, day: beijing(Math.floor(i / 3)), settled: i > 2, ...(i % 3 < 2 ? { store_id: stores[i % 3]!.id } : {}), ...sums(i), ...(i % 3 === 2 ? { payments: 0, paid: 0, refunds: 0, refunded: 0, payouts: 1, paid_out: 300_000, net: -300_000 - 1466 } : {}) }));
export const settlementTotal: S['SettlementSum'] = { ...sums(3), payments: 940, paid: 3_801_240, payouts: 4, paid_out: 1_200_000, fees: 14_660, net: 2_580_000 };
export const entries: S['Entry'][] = data.payments.slice(10, 40).map((p, i) => ({ id: data.id('ent'), day: beijing(0), at: p.created_at, store_id: stores[i % 2]!.id, account_id: p.account_id, provider: p.provider, kind: 'payment', object_id: p.id, number: p.order_no, amount: i === 4 ? -p.amount : p.amount, fee: 5, net: p.amount - 5, ...(i === 4 ? { corrects: beijing(3) } : {}) }));
export const shift: S['Shift'] = {
  actor: `user:${data.cashier.id}`, from: ago(600), to: ago(0), succeeded: 86, taken: 204_350, refunded: 1250, open: 2, unknown: 1, pending: 3300,
  items: (['barcode', 'qr'] as const).map((method, i) => ({ store_id: stores[0]!.id, account_id: data.accounts[0]!.id, provider: 'demo', method, channel: String(1 + 2 * i), count: 43, amount: 102_175, refunded: i * 1250 })),
};

export const exports: S['Export'][] = (['running', 'queued', 'ready', 'ready', 'failed', 'expired', 'canceled'] as const).map((state, i) => ({
  id: data.id('exp'), tenant_id: tenant, kind: i % 2 ? 'refunds' : 'payments', format: i % 2 ? 'csv' : 'xlsx', filter: i % 3 ? ({ state: 'succeeded' } as Record<string, string>) : {}, columns: ['order_no', 'amount'], language: 'zh', state, total: 1_000_000, rows: state === 'running' ? 432_000 : 1_000_000,
  bytes: 84_213_445, file_name: `orders-${beijing(i)}.xlsx`, restarts: i === 3 ? 1 : 0, ...(state === 'failed' ? { reason: 'interrupted' } : {}), created_by: `user:${data.owner.id}`, created_at: ago(i * 90 + 2), expires_at: ago(-9000 + i * 100), version: 2,
}));
export const exportColumns: S['ExportColumn'][] = [['order_no', '掌柜订单号', 'Order number'], ['merchant_order_no', '商户订单号', 'Merchant number'], ['created_at', '下单时间（北京时间）', 'Created (Beijing time)'], ['amount', '金额（元）', 'Amount (yuan)'], ['state', '状态', 'State']].map(([name, zh, en]) => ({ name: name!, label: { zh: zh!, en: en! } }));

const label = (zh: string, en: string) => ({ zh, en });
export const fields: S['BillField'][] = [
  { name: 'time', label: label('时间', 'Time'), required: true }, { name: 'amount', label: label('金额', 'Amount'), required: true }, { name: 'order_no', label: label('我方订单号', 'Our order number'), required: false },
  { name: 'provider_order_no', label: label('渠道订单号', 'Provider’s order number'), required: false }, { name: 'kind', label: label('交易类型', 'Kind'), required: false }, { name: 'fee', label: label('手续费', 'Fee'), required: false }, { name: 'status', label: label('状态', 'Status'), required: false },
];
export const mappings: S['BillMapping'][] = [{ id: data.id('bmp'), name: '微信商户平台账单', provider: 'demo', rules: { columns: { time: '交易时间', amount: '订单金额', order_no: '商户订单号', status: '交易状态' }, unit: 'yuan', time_format: '2006-01-02 15:04:05', statuses: { SUCCESS: 'succeeded', REVOKED: 'skip' }, trailer_prefix: '总交易单数' }, created_by: `user:${data.owner.id}`, created_at: ago(9000), updated_at: ago(800), version: 1 }];
const wrong = (row: number, column: string, zh: string, en: string): S['BillRowError'] => ({ row, column, code: 'not_an_amount', message: label(zh, en) });
export const rowErrors: S['BillRowError'][] = [wrong(0, '手续费', '文件没有“手续费”这一列。', 'The file has no column 手续费.'), wrong(17, '订单金额', '第 17 行，“订单金额”：“12.345”不是金额。', 'Row 17, 订单金额: “12.345” is no amount.')];
export const preview: S['BillPreview'] = { encoding: 'GB18030', header: ['交易时间', '商户订单号', '微信订单号', '交易状态', '订单金额', '手续费', '交易类型'], errors: [], lines: lines.slice(0, 4).map((l) => ({ row: l.line + 1, kind: l.kind, number: l.number ?? '', provider_number: l.provider_number ?? '', outcome: 'succeeded', amount: l.amount, at: l.at!, method: '', status: 'SUCCESS', ...(l.fee === undefined ? {} : { fee: l.fee }) })) };
export const imports: S['BillImport'][] = (['reading', 'done', 'invalid', 'canceled'] as const).map((state, i) => ({
  id: data.id('bim'), tenant_id: tenant, account_id: data.accounts[0]!.id, provider: 'demo', day: beijing(i + 1), scope: '', file_name: `bill-${beijing(i + 1)}.csv`, bytes: 3_448_112, chunks: 4, received: 4, state, restarts: i === 1 ? 1 : 0, encoding: 'GB18030', rows: 12_431, skipped: 3,
  error_count: state === 'invalid' ? 2 : 0, unchanged: false, created_by: `user:${data.owner.id}`, created_at: ago(i * 1440 + 30), ...(state === 'done' ? { bill_id: bill.id, finished_at: ago(29) } : {}),
}));
