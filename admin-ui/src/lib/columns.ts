/** Which columns a list shows, and in which order. */

export interface Choice {
  name: string;
  on: boolean;
}

/** A choice of columns as it is kept. Columns that came since are in neither list, and shown. */
export interface KeptColumns {
  order: string[];
  hidden: string[];
}

const names = (value: unknown): string[] => (Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : []);

/** What a kept value says, if it is a choice of columns at all. */
export function keptColumns(value: unknown): KeptColumns | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { order, hidden } = value as Record<string, unknown>;
  return { order: names(order), hidden: names(hidden) };
}

/** The choice that an address names: the columns that are shown, divided by commas. */
export function columnsOfAddress(text: string | null, known: readonly string[]): KeptColumns | undefined {
  const shown = (text ?? '').split(',').filter((name) => known.includes(name));
  if (shown.length === 0) return undefined;
  return { order: shown, hidden: known.filter((name) => !shown.includes(name)) };
}

/** All columns in the order to show them. A column that the choice does not know stands behind the one before it. */
export function arrange(known: readonly string[], kept: KeptColumns | undefined): Choice[] {
  const order = [...new Set(kept?.order.filter((name) => known.includes(name)))];
  known.forEach((name, i) => {
    if (order.includes(name)) return;
    order.splice(i === 0 ? 0 : order.indexOf(known[i - 1]!) + 1, 0, name);
  });
  const choices = order.map((name) => ({ name, on: !kept?.hidden.includes(name) }));
  // A list without any column would be no list.
  return choices.some((c) => c.on) ? choices : choices.map((c) => ({ ...c, on: true }));
}

/** The list with one column moved to the place of another. */
export function movedTo(choices: readonly Choice[], name: string, place: number): Choice[] {
  const at = choices.findIndex((c) => c.name === name);
  if (at < 0 || place < 0 || place >= choices.length) return [...choices];
  const next = choices.filter((c) => c.name !== name);
  next.splice(place, 0, choices[at]!);
  return next;
}

/** A choice as it is kept. */
export function asKept(choices: readonly Choice[]): KeptColumns {
  return { order: choices.map((c) => c.name), hidden: choices.filter((c) => !c.on).map((c) => c.name) };
}
