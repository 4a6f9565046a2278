import { useTranslation } from 'react-i18next';
import { CopyText } from './CopyText';

/** A one-time link to hand to a person; it is shown this once. */
export function InviteLink({ name, url }: { name: string; url: string }) {
  const { t } = useTranslation();
  return (
    <div className="zg-once" role="status" data-testid="invite-link">
      <p className="zg-strong">{t('team.inviteReady', { name })}</p>
      <CopyText text={url} label={t('team.inviteLink')} />
      <p className="zg-muted zg-small">{t('common.showOnce')}</p>
    </div>
  );
}
