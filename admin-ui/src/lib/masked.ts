import type { TFunction } from 'i18next';

// A secret is kept with how long it is and how it was written, in English.
const LENGTH = /^(•+) \((\d+) (characters|bytes)(?:, (\w+))?\)$/;

/** What is shown of a key that nobody can see again, in the reader's language. */
export function maskedKey(t: TFunction, shown: string): string {
  const [, dots, count, unit, how] = LENGTH.exec(shown) ?? [];
  if (!dots) return shown;
  return t(`providerForm.masked.${how && how !== 'text' ? 'written' : unit}`, { dots, count: Number(count), how });
}
