import { newKey } from '@/lib/idempotency';
import type { Field, Rules } from './api';

/** What a cell of the kind or status column means. */
export interface Meaning {
  key: string;
  cell: string;
  means: string;
}

/** Rules as a form holds them. */
export interface Draft {
  columns: Record<string, string>;
  unit: Rules['unit'];
  timeFormat: string;
  encoding: Rules['encoding'];
  delimiter: Rules['delimiter'];
  skipLines: number;
  kinds: Meaning[];
  statuses: Meaning[];
  trailerPrefix: string;
  trailerBelow: boolean;
  trailerCount: number;
  trailerAmount: number;
  totalOf: NonNullable<Rules['total_of']>;
  merchantNo: string;
}

/** Ways of writing a time that bills use, in the server's form. */
export const timeFormats = ['2006-01-02 15:04:05', '2006/01/02 15:04:05', '20060102150405', '20060102 15:04:05', '2006-01-02 15:04', '2006-01-02'];
export const kindMeanings = ['payment', 'refund', 'reversal', 'payout'] as const;
export const statusMeanings = ['succeeded', 'failed', 'canceled', 'closed', 'skip'] as const;

// Our three numbers and the provider's two: a bill has at least one.
const numbers = ['order_no', 'refund_no', 'payout_no', 'provider_order_no', 'provider_refund_no'];

function meaningsOf(map: Record<string, string> | undefined): Meaning[] {
  return Object.entries(map ?? {}).map(([cell, means]) => ({ key: newKey(), cell, means }));
}

export function draftOf(rules?: Rules): Draft {
  return {
    columns: { ...rules?.columns },
    unit: rules?.unit ?? 'yuan',
    timeFormat: rules?.time_format ?? timeFormats[0]!,
    encoding: rules?.encoding,
    delimiter: rules?.delimiter,
    skipLines: rules?.skip_lines ?? 0,
    kinds: meaningsOf(rules?.kinds),
    statuses: meaningsOf(rules?.statuses),
    trailerPrefix: rules?.trailer_prefix ?? '',
    trailerBelow: rules?.trailer_below ?? false,
    trailerCount: rules?.trailer_count ?? 0,
    trailerAmount: rules?.trailer_amount ?? 0,
    totalOf: rules?.total_of ?? 'all',
    merchantNo: rules?.merchant_no ?? '',
  };
}

function mapOf(meanings: readonly Meaning[]): Record<string, string> | undefined {
  const map = Object.fromEntries(meanings.filter((m) => m.cell.trim() !== '').map((m) => [m.cell.trim(), m.means]));
  return Object.keys(map).length > 0 ? map : undefined;
}

/** The rules that a form holds; what is left empty is left out, and meanings without their column as well. */
export function rulesOf(d: Draft): Rules {
  const columns = Object.fromEntries(Object.entries(d.columns).map(([field, heading]) => [field, heading.trim()]).filter(([, heading]) => heading !== ''));
  const kinds = columns.kind ? mapOf(d.kinds) : undefined;
  const statuses = columns.status ? mapOf(d.statuses) : undefined;
  const prefix = d.trailerPrefix.trim();
  return {
    columns,
    unit: d.unit,
    time_format: d.timeFormat.trim(),
    total_of: d.totalOf,
    ...(d.encoding && { encoding: d.encoding }),
    ...(d.delimiter && { delimiter: d.delimiter }),
    ...(d.skipLines > 0 && { skip_lines: d.skipLines }),
    ...(kinds && { kinds }),
    ...(statuses && { statuses }),
    ...(prefix && { trailer_prefix: prefix, trailer_below: d.trailerBelow, trailer_count: d.trailerCount, trailer_amount: d.trailerAmount }),
    ...(columns.merchant_no && d.merchantNo.trim() && { merchant_no: d.merchantNo.trim() }),
  };
}

export type DraftProblem = 'required' | 'number';

/** What a form still lacks: a field that every bill needs, or any number at all. */
export function problemOf(d: Draft, fields: readonly Field[]): { field?: string; problem: DraftProblem } | undefined {
  const { columns } = rulesOf(d);
  const missing = fields.find((f) => f.required && !columns[f.name]);
  if (missing) return { field: missing.name, problem: 'required' };
  return numbers.some((name) => columns[name]) ? undefined : { problem: 'number' };
}
