import { randomBytes } from 'node:crypto';

/** A key that nobody else has, so that finding it anywhere means that it leaked. */
export function canary(name: string): string {
  return `canary${name}${randomBytes(16).toString('hex')}`;
}

/** How a secret may look where it does not belong: as it is, in hex as PostgreSQL prints bytes, in base64, escaped, backwards. */
export function forms(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  const wide = Buffer.from(secret, 'utf16le');
  const base64 = [0, 1, 2].flatMap((shift) => {
    // The characters in the middle are the same whatever stands before and behind.
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').replaceAll('=', '');
    const middle = text.slice(shift === 0 ? 0 : shift + 1, -2);
    return [middle, middle.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const texts = [bytes.toString('hex'), bytes.toString('hex').toUpperCase(), encodeURIComponent(secret), [...secret].reverse().join(''), ...base64];
  return [bytes, wide, ...[...new Set(texts)].map((text) => Buffer.from(text))];
}

/** The names of the secrets that stand in a text, in any form. */
export function leaks(text: string, secrets: Record<string, string>): string[] {
  const haystack = Buffer.from(text);
  return Object.entries(secrets).flatMap(([name, secret]) => (forms(secret).some((form) => haystack.includes(form)) ? [name] : []));
}
