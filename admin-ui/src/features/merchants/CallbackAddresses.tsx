import { useTranslation } from 'react-i18next';
import { CopyText } from '@/components/CopyText';
import { type Account, useProviders } from '@/lib/queries';
import { inLanguage } from '@/lib/schema';
import { callbackAddresses } from './callbackAddresses';

/** Where an account's provider reaches us: what must be entered there by hand, and what travels by itself. */
export function CallbackAddresses({ account }: { account: Account }) {
  const { t, i18n } = useTranslation();
  const manifest = useProviders().data?.find((p) => p.id === account.provider)?.manifest;
  const { enter, travelling } = callbackAddresses(manifest, account.callback_url);
  const names = new Intl.ListFormat(i18n.language).format(travelling.map((kind) => inLanguage(kind.name, i18n.language)));
  return (
    <>
      {enter.length > 0 && (
        <div className="zg-stack-tight" data-testid="callbacks">
          <p className="zg-strong">{t('account.callbacks')}</p>
          <p className="zg-muted zg-small">{account.callback_url ? t('account.callbacksHint') : t('account.callbacksUnset')}</p>
          <dl className="zg-stack-tight">
            {enter.map(({ kind, name, address }) => {
              const label = inLanguage(name, i18n.language);
              return (
                <div key={kind} className="zg-fact" data-testid={`callback-${kind}`}>
                  <dt>{label}</dt>
                  <dd>{address ? <CopyText text={address} label={t('account.callbackOf', { name: label })} /> : t('common.none')}</dd>
                </div>
              );
            })}
          </dl>
        </div>
      )}
      {travelling.length > 0 && account.callback_url && (
        <p className="zg-muted zg-small" data-testid="callbacks-sent">{t('account.callbacksSent', { names })}</p>
      )}
    </>
  );
}
