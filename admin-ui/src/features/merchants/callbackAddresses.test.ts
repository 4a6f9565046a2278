import { describe, expect, it } from 'vitest';
import type { Schemas } from '@/lib/api/client';
import { callbackAddresses } from './callbackAddresses';

const kind = (letter: string, enter: boolean) => ({ kind: letter, name: { zh: letter, en: letter }, browser: false, enter });
const manifest = { inbound: [kind('o', true), kind('p', false), kind('c', true)] } as Schemas['Manifest'];

describe('the addresses a provider calls', () => {
  it('are the account’s with the kind behind it, for those that are entered by hand', () => {
    const { enter, travelling } = callbackAddresses(manifest, 'https://zg.example/in/0123');
    expect(enter.map((k) => k.address)).toEqual(['https://zg.example/in/0123o', 'https://zg.example/in/0123c']);
    expect(travelling.map((k) => k.kind)).toEqual(['p']);
  });

  it('are none without a public address, and none of a provider that calls nobody', () => {
    expect(callbackAddresses(manifest, undefined).enter.map((k) => k.address)).toEqual([undefined, undefined]);
    expect(callbackAddresses(undefined, 'https://zg.example/in/0123')).toEqual({ enter: [], travelling: [] });
  });
});
