import { describe, expect, it } from 'vitest';
import type { Schemas } from '@/lib/api/client';
import { looksScanned, recogniseCode, waysToPay } from './offers';

const text = (zh: string) => ({ zh, en: zh });
const wallet = (id: string) => ({ id, name: text(id) });

function offer(account: string, method: string, rest: Partial<Schemas['MethodSpec']> = {}, more: Partial<Schemas['PaymentMethod']> = {}): Schemas['PaymentMethod'] {
  return { account_id: account, provider: 'demo', cancelable: true, payer_codes: [], spec: { method, name: text(method), channels: [], channel_required: false, ...rest }, ...more };
}

describe('the ways to pay', () => {
  it('begin with those of a counter, each once, with the wallets of all accounts', () => {
    const ways = waysToPay([offer('a', 'h5'), offer('a', 'qr', { channels: [wallet('w')] }), offer('b', 'qr', { channels: [wallet('w'), wallet('x')] }), offer('b', 'barcode')], undefined);
    expect(ways.map((w) => w.method)).toEqual(['barcode', 'qr', 'h5']);
    expect(ways[1]).toMatchObject({ accounts: ['a', 'b'], channels: [{ id: 'w' }, { id: 'x' }] });
  });

  it('leave out what another store alone has', () => {
    const offers = [offer('a', 'qr', {}, { store_id: 'sto_1' }), offer('b', 'barcode')];
    expect(waysToPay(offers, undefined).map((w) => w.method)).toEqual(['barcode']);
    expect(waysToPay(offers, 'sto_1').map((w) => w.method)).toEqual(['barcode', 'qr']);
    expect(waysToPay(offers, 'sto_2').map((w) => w.method)).toEqual(['barcode']);
  });

  it('leave out what asks for something there is no field for', () => {
    expect(waysToPay([offer('a', 'card', { needs: ['card'] }), offer('a', 'odd', { needs: ['retina'] })], undefined).map((w) => w.method)).toEqual(['card']);
  });

  it('want a wallet only where every account wants one', () => {
    const [way] = waysToPay([offer('a', 'qr', { channel_required: true }), offer('b', 'qr')], undefined);
    expect(way!.channelRequired).toBe(false);
  });

  it('ask for the code that is scanned, whether or not the manifest says so', () => {
    expect(waysToPay([offer('a', 'barcode')], undefined)[0]!.needs).toEqual(['payer_code']);
  });

  it('ask for the payer inside a wallet', () => {
    expect(waysToPay([offer('a', 'jsapi')], undefined)[0]!.needs).toEqual(['payer_id']);
  });
});

describe('a code', () => {
  const [way] = waysToPay([
    offer('a', 'barcode', { channels: [wallet('weixin'), wallet('zfb')] }, { payer_codes: [{ method: 'barcode', channel: 'weixin', prefixes: ['13'], lengths: [18] }, { method: 'barcode', channel: 'zfb', prefixes: ['28'], lengths: [16, 18] }] }),
  ], undefined);

  it.each([
    ['1', 'partial'], ['13', 'partial'], ['130000000000000000', 'known'], ['1300000000000000001', 'foreign'], ['99', 'foreign'], ['2800000000000000', 'known'], ['28000000000000000', 'partial'],
  ])('%s is %s', (code, kind) => {
    expect(recogniseCode(way!, code)?.kind).toBe(kind);
  });

  it('names its wallet', () => {
    expect(recogniseCode(way!, '130000000000000000')).toEqual({ kind: 'known', channels: [{ ...wallet('weixin'), provider: 'demo' }] });
  });

  it('in the amount is seen by its length', () => {
    expect(looksScanned('130000000000000000')).toBe(true);
    expect(looksScanned('99999999.99')).toBe(false);
    expect(looksScanned('12345678')).toBe(false);
  });
});
