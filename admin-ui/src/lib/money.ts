/** Amounts are whole fen. No amount that somebody may take for exact passes through a floating-point operation. */

/** The largest amount of one operation, in fen; the server checks it too. */
export const MAX_FEN = 9_999_999_999n;

/** ¥1,234.50 for 123450 fen. */
export function formatFen(fen: number | bigint): string {
  const value = BigInt(fen);
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(3, '0');
  const yuan = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${negative ? '-' : ''}¥${yuan}.${digits.slice(-2)}`;
}

/** ¥1.2万 or ¥12K for 1234500 fen, beside the axis of a chart: a place on it, not an amount. */
export function shortFen(language: string): (fen: number) => string {
  const short = new Intl.NumberFormat(language, { style: 'currency', currency: 'CNY', currencyDisplay: 'narrowSymbol', notation: 'compact', minimumFractionDigits: 0, maximumFractionDigits: 1 });
  return (fen) => short.format(fen / 100);
}

/** 1234.50 for 123450 fen, as an input field holds it. */
export function fenToInput(fen: number | bigint): string {
  return formatFen(fen).replace(/[¥,]/g, '');
}

export type AmountProblem = 'empty' | 'format' | 'fullWidth' | 'decimals' | 'zero' | 'tooLarge';

export type ParsedAmount = { fen: number; problem?: undefined } | { fen?: undefined; problem: AmountProblem };

/**
 * Reads what a person typed as yuan. Full-width digits, which an input method produces, get a
 * problem of their own: guessing an amount is worse than asking again.
 */
export function parseYuan(text: string, max: bigint = MAX_FEN): ParsedAmount {
  const plain = text.trim().replace(/^[\u00a5\uffe5]\s*/, '');
  if (plain === '') return { problem: 'empty' };
  if (/[\uff0c-\uff19\u3002]/.test(plain)) return { problem: 'fullWidth' };
  const grouped = /^\d{1,3}(,\d{3})+(\.\d*)?$/.test(plain) ? plain.replaceAll(',', '') : plain;
  const match = /^(\d{1,15})(?:\.(\d*))?$/.exec(grouped);
  if (!match) return { problem: 'format' };
  const fraction = match[2] ?? '';
  if (fraction.length > 2) return { problem: 'decimals' };
  const fen = BigInt(match[1]!) * 100n + BigInt(fraction.padEnd(2, '0'));
  if (fen === 0n) return { problem: 'zero' };
  if (fen > max) return { problem: 'tooLarge' };
  return { fen: Number(fen) };
}
