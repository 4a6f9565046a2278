/** One field that an entry of the audit log changed. Values are as the log keeps them. */
export interface Changed {
  field: string;
  before: unknown;
  after: unknown;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** What differs between before and after, field by field; undefined where they are no records and only the whole can be shown. */
export function changesOf(before: unknown, after: unknown): Changed[] | undefined {
  if ((before ?? undefined) !== undefined && !isRecord(before)) return undefined;
  if ((after ?? undefined) !== undefined && !isRecord(after)) return undefined;
  const was = (before ?? {}) as Record<string, unknown>;
  const is = (after ?? {}) as Record<string, unknown>;
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((field) => !same(was[field], is[field]))
    .map((field) => ({ field, before: was[field], after: is[field] }));
}

/** The actions there are words for: payment.create and so on, with the words, in the order they stand. */
export function actionNames(words: unknown): { value: string; label: string }[] {
  if (!isRecord(words)) return [];
  return Object.entries(words).flatMap(([object, actions]) => (isRecord(actions) ? Object.entries(actions).map(([action, label]) => ({ value: `${object}.${action}`, label: String(label) })) : []));
}
