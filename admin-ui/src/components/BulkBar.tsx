import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** How many rows are chosen, and what can be done with all of them; nothing while there are none. */
export function BulkBar({ count, children }: { count: number; children: ReactNode }) {
  const { t } = useTranslation();
  if (count === 0) return null;
  return (
    <span className="zg-row zg-thumb-bar" data-testid="bulk-bar">
      <span role="status">{t('approvals.chosen', { count })}</span>
      {children}
    </span>
  );
}
