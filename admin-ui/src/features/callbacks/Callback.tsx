import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { errorSentence } from '@/components/ErrorSentence';
import { PermissionGate } from '@/components/PermissionGate';
import { asApiError } from '@/lib/api/error';
import { providerSaid } from '@/lib/providerSaid';
import { useProviders } from '@/lib/queries';
import { inLanguage } from '@/lib/schema';
import { type Callback, useRerun } from './api';

/** The provider of a callback: "acme 1.2.0 0f3a…" says which plugin, version and file read it. */
export function providerOf(c: Callback): string {
  return c.plugin.split(' ')[0]!;
}

/** What a kind of request is called, from the manifest of the plugin that read it. */
export function useKindName(): (c: Callback) => string {
  const { t, i18n } = useTranslation();
  const providers = useProviders().data ?? [];
  return (c) => {
    const kind = providers.find((p) => p.id === providerOf(c))?.manifest?.inbound?.find((k) => k.kind === c.kind);
    return inLanguage(kind?.name, i18n.language) || t('callbacks.kind', { kind: c.kind });
  };
}

/** Why a callback changed nothing, and what the provider said in it. */
export function Reason({ callback: c }: { callback: Callback }) {
  const { t } = useTranslation();
  const said = providerSaid(c);
  const reason = c.reason && c.reason !== c.effect ? t(`callbacks.reasons.${c.reason}`, { defaultValue: t(`unknown.reasons.${c.reason}`, { defaultValue: t(`errors.${c.reason}`, { defaultValue: c.reason }) }) }) : '';
  if (!reason && !said) return null;
  return <div className="zg-muted zg-small">{[reason, said].filter(Boolean).join(' · ')}</div>;
}

/** Has the plugin read a callback again, for instance after it was mended. */
export function RerunButton({ callback, small }: { callback: Callback; small?: boolean }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const rerun = useRerun(callback);
  const again = () =>
    rerun.mutate(undefined, {
      onSuccess: (c) => void message.info(t('callbacks.rerunDone', { effect: t(`states.effect.${c.effect}`) })),
      onError: (error) => void message.error(errorSentence(t, asApiError(error))),
    });
  return (
    <PermissionGate may="callbacks:rerun">
      <Button size={small ? 'small' : 'middle'} loading={rerun.isPending} onClick={again}>{t('callbacks.rerun')}</Button>
    </PermissionGate>
  );
}
