import type { TFunction } from 'i18next';

// What the server says of a message that did not arrive, by words of its sentence.
const signs: [RegExp, string][] = [
  [/no reply came in time/, 'timeout'],
  [/connection was refused/, 'refused'],
  [/broke off/, 'broken'],
  [/no way to it/, 'noRoute'],
  [/certificate/, 'certificate'],
  [/does not speak TLS/, 'tls'],
  [/leads to no address/, 'noName'],
  [/^Nothing is sent to this address/, 'notAllowed'],
  [/not kept any more/, 'gone'],
];

/** Why a message was not taken, in the user's language; the server's own sentence where it is a new one. */
export function failureSentence(t: TFunction, status: number | undefined, error: string): string {
  if (status && status >= 300 && status < 400) return t('webhooks.failures.redirect', { status });
  if (status) return t('webhooks.failures.answered', { status });
  const found = signs.find(([sign]) => sign.test(error));
  return found ? t(`webhooks.failures.${found[1]}`) : error;
}
