import type { TFunction } from 'i18next';
import { describe, expect, it } from 'vitest';
import { maskedKey } from './masked';

const t = ((key: string, args: Record<string, unknown>) => `${key} ${Object.values(args).join(' ')}`) as unknown as TFunction;

describe('maskedKey', () => {
  it.each([
    ['•••• (37 characters)', 'providerForm.masked.characters •••• 37 '],
    ['•••• (16 bytes, hex)', 'providerForm.masked.written •••• 16 hex'],
    ['•••• (16 bytes, text)', 'providerForm.masked.bytes •••• 16 text'],
    ['•••• 0001', '•••• 0001'],
    ['RSA 2048 · SHA-256 ab', 'RSA 2048 · SHA-256 ab'],
  ])('says %s', (shown, said) => {
    expect(maskedKey(t, shown)).toBe(said);
  });
});
