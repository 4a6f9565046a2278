import type { Schemas } from '@/lib/api/client';

type Offer = Schemas['PaymentMethod'];
type Channel = Schemas['Channel'] & { provider: string };
type InputField = Schemas['InputField'];

/** One way to pay at this till, from the manifests of all the accounts that offer it. */
export interface TillMethod {
  method: string;
  name: Schemas['Text'];
  channels: Channel[];
  channelRequired: boolean;
  needs: Need[];
  extra: InputField[];
  codes: Schemas['PayerCodePattern'][];
  accounts: string[];
  providers: string[];
}

/** What a method can ask of the till. A method that asks for more is not offered: there is no field for it. */
const fieldsHere = ['payer_code', 'payer_id', 'return_url', 'client_ip', 'card', 'bound_card'] as const;
export type Need = (typeof fieldsHere)[number];

// A scanned payment is nothing without the code, which manifests need not say. The payer's id is
// asked for where a wallet may want it, whether or not the manifest insists: some of its channels do.
function implied(method: string): Need[] {
  if (method === 'barcode') return ['payer_code'];
  return method === 'jsapi' || method === 'mini_program' ? ['payer_id'] : [];
}
// The ways of a counter come first, in the order in which they are used.
const counter = ['barcode', 'qr', 'static_code', 'dynamic_code'];

/** The ways to pay in a store: an account that belongs to another store does not serve it. */
export function waysToPay(offers: readonly Offer[], store: string | undefined): TillMethod[] {
  const found = new Map<string, TillMethod>();
  for (const { spec, store_id, account_id, provider, payer_codes } of offers) {
    if (store_id && store_id !== store) continue;
    const needs = spec.needs ?? [];
    if (!needs.every(isNeed)) continue;
    const before = found.get(spec.method);
    found.set(spec.method, {
      method: spec.method,
      name: before?.name ?? spec.name,
      channels: union(before?.channels, spec.channels.map((c) => ({ ...c, provider })), (c) => c.id),
      channelRequired: (before?.channelRequired ?? true) && spec.channel_required,
      needs: [...new Set([...(before?.needs ?? []), ...needs.filter(isNeed), ...implied(spec.method)])],
      extra: union(before?.extra, spec.extra ?? [], (f) => f.name),
      codes: [...(before?.codes ?? []), ...payer_codes],
      accounts: [...(before?.accounts ?? []), account_id],
      providers: [...new Set([...(before?.providers ?? []), provider])],
    });
  }
  const rank = (m: TillMethod) => (counter.includes(m.method) ? counter.indexOf(m.method) : counter.length);
  return [...found.values()].sort((a, b) => rank(a) - rank(b));
}

function isNeed(need: string): need is Need {
  return (fieldsHere as readonly string[]).includes(need);
}

function union<T>(before: T[] | undefined, more: T[], id: (value: T) => string): T[] {
  const known = before ?? [];
  return [...known, ...more.filter((value) => !known.some((k) => id(k) === id(value)))];
}

export type Recognised = { kind: 'known'; channels: Channel[] } | { kind: 'partial' } | { kind: 'foreign' };

/** Whose code this is, or may become when the rest of it is read. Without patterns nothing is said. */
export function recogniseCode(method: TillMethod, code: string): Recognised | undefined {
  if (method.codes.length === 0 || code === '') return undefined;
  const begins = method.codes.filter((p) => p.prefixes.some((prefix) => code.startsWith(prefix.slice(0, code.length))));
  const whole = begins.filter((p) => p.lengths.includes(code.length) && p.prefixes.some((prefix) => code.startsWith(prefix)));
  if (whole.length > 0) {
    const ids = new Set(whole.map((p) => p.channel));
    return { kind: 'known', channels: method.channels.filter((c) => ids.has(c.id)) };
  }
  return begins.some((p) => p.lengths.some((length) => code.length < length)) ? { kind: 'partial' } : { kind: 'foreign' };
}

// What a scanner reads is longer than any amount a person types.
/** Whether somebody scanned a payer's code into a field for something else. */
export function looksScanned(text: string): boolean {
  return /^\d{15,64}$/.test(text.trim());
}
