import { useTranslation } from 'react-i18next';
import { useWaitingApprovals } from '@/features/approvals/api';

/** How much waits behind an item of the menu for the signed-in person. */
export function NavBadge() {
  const { t } = useTranslation();
  const count = useWaitingApprovals();
  if (count === 0) return null;
  return (
    <span className="zg-nav-badge" data-testid="approvals-waiting">
      <span aria-hidden="true">{count}</span>
      <span className="zg-sr-only">{t('approvals.waiting', { count })}</span>
    </span>
  );
}
