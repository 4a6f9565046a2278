import { describe, expect, it } from 'vitest';
import { nameInDirectory } from './upload';

describe('the name of a plugin in the directory', () => {
  it.each([
    ['wechatpay-1.1.0', 'wechatpay-1.1.0'],
    ['my plugin (2)', 'my-plugin-2-'],
    ['.hidden', 'hidden'],
    ['../../etc/passwd', 'etc-passwd'],
    ['微信支付', 'plugin'],
    ['微信 wechatpay', 'wechatpay'],
    ['a'.repeat(80), 'a'.repeat(60)],
    ['', 'plugin'],
  ])('%s is %s', (chosen, named) => {
    expect(nameInDirectory(chosen)).toBe(named);
    expect(named).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/);
  });
});
