import { describe, expect, it } from 'vitest';
import { fenToInput, formatFen, parseYuan } from './money';

describe('formatFen', () => {
  it.each([
    [0, '¥0.00'],
    [1, '¥0.01'],
    [99, '¥0.99'],
    [123450, '¥1,234.50'],
    [9_999_999_999, '¥99,999,999.99'],
    [-123450, '-¥1,234.50'],
    [9_007_199_254_740_993n, '¥90,071,992,547,409.93'],
  ])('%s fen is %s', (fen, text) => expect(formatFen(fen)).toBe(text));
});

describe('parseYuan', () => {
  it.each([
    ['12.5', 1250],
    ['12.50', 1250],
    ['0.01', 1],
    ['1', 100],
    [' 1,234.50 ', 123450],
    ['¥8', 800],
    ['19.99', 1999], // 19.99 * 100 is 1998.9999999999998 as a float
    ['99999999.99', 9_999_999_999],
  ])('reads %j as %s fen', (text, fen) => expect(parseYuan(text)).toEqual({ fen }));

  it.each([
    ['', 'empty'],
    ['0', 'zero'],
    ['0.00', 'zero'],
    ['-1', 'format'],
    ['1e3', 'format'],
    ['1.5.0', 'format'],
    ['12,34', 'format'],
    ['abc', 'format'],
    ['1.005', 'decimals'],
    ['\uff11\uff12', 'fullWidth'],
    ['12\u30025', 'fullWidth'],
    ['100000000', 'tooLarge'],
    ['99999999999999999999', 'format'],
  ])('refuses %j: %s', (text, problem) => expect(parseYuan(text)).toEqual({ problem }));

  it('reads back what it printed', () => {
    for (const fen of [1, 10, 100, 101, 999_999, 9_999_999_999]) expect(parseYuan(fenToInput(fen))).toEqual({ fen });
  });
});
