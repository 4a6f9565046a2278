import { Alert, Button } from 'antd';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { asApiError, type ApiError } from '@/lib/api/error';
import { preferences } from '@/lib/preferences';

// Codes whose own sentence says only the kind of thing; the server's says which one.
const generic = new Set(['plugin_refused', 'invalid_request', 'invalid_credential', 'conflict', 'invalid_state', 'provider_refused', 'not_supported', 'invalid_amount']);

// What a credential is instead of what is wanted has sentences of its own, by the kind that was found.
const faults = new Set(['small_rsa_key', 'password_missing', 'password_wrong', 'pkcs12_unreadable', 'unusable']);

function credentialSentence(t: TFunction, args: Record<string, string>): string {
  const found = args.found ?? '';
  const kind = (name: string | undefined) => t(`credentialKinds.${name}`, { defaultValue: name ?? '' });
  return t(`credentialFaults.${faults.has(found) ? found : 'other'}`, { ...args, found: kind(found), wanted: kind(args.wanted) });
}

// Not every limit is one of a day's money: what is not told is not filled in.
function sentenceOf({ code, args }: ApiError): string {
  if (code !== 'limit_exceeded' || args.remaining) return code;
  return args.limit ? 'limit_exceeded_once' : 'limit_exceeded_other';
}

/** The sentence for an error in the user's language, or the server's own for a code we do not know. */
export function errorSentence(t: TFunction, error: ApiError): string {
  if (error.code === 'invalid_credential' && error.args?.found) return credentialSentence(t, error.args);
  return t(`errors.${sentenceOf(error)}`, { ...error.args, defaultValue: error.message || t('errors.bad_reply') });
}

/** What the server added beyond the code's sentence, in Chinese where it says it in Chinese as well, or nothing. */
export function errorDetail(error: ApiError, language?: string): string | undefined {
  if (error.args?.found) return undefined;
  if (!generic.has(error.code)) return undefined;
  return (language === 'zh-CN' && error.args.zh) || error.message || undefined;
}

/** An error as a person can act on it: what happened, and the number that finds it in the log. */
export function ErrorSentence({ error, onRetry, title }: { error: unknown; onRetry?: () => void; title?: string }) {
  const { t, i18n } = useTranslation();
  const e = asApiError(error);
  const detail = errorDetail(e, i18n.language);
  return (
    <Alert
      type={e.inDoubt ? 'warning' : 'error'}
      showIcon
      role="alert"
      data-testid="error"
      data-code={e.code}
      title={title ?? errorSentence(t, e)}
      description={
        <>
          {title && <div>{errorSentence(t, e)}</div>}
          {detail && <div>{detail}</div>}
          {e.requestId && <div className="zg-muted zg-small">{t('common.requestId', { id: e.requestId })}</div>}
        </>
      }
      action={onRetry && <Button onClick={onRetry}>{t('common.retry')}</Button>}
    />
  );
}

// The server names a field of the request's top level without a slash, a nested one as a JSON pointer.
const bare = (param: string | undefined) => param?.replace(/^\//, '');

/** The sentence of an error for one field, when the server named that field. */
export function fieldError(t: TFunction, error: unknown, param: string): string | undefined {
  if (!error) return undefined;
  const e = asApiError(error);
  if (bare(e.param) !== bare(param)) return undefined;
  return errorDetail(e, preferences().language) ?? errorSentence(t, e);
}
