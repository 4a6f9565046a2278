import { useTranslation } from 'react-i18next';
import { StatusTag } from '@/components/StatusTag';
import type { AccountBalances } from './api';

/** How an account's balances stand: low, without an answer, or well. */
export function Condition({ value: a }: { value: AccountBalances }) {
  const { t } = useTranslation();
  if (a.low_since) return <StatusTag tone="bad" testId="balance-state">{t('balances.low')}</StatusTag>;
  if (a.stale_since || a.failures > 0) return <StatusTag tone="waiting" testId="balance-state">{t('balances.stale')}</StatusTag>;
  if (!a.taken_at) return <StatusTag tone="busy" testId="balance-state">{t('balances.never')}</StatusTag>;
  return <StatusTag tone="good" testId="balance-state">{t('balances.well')}</StatusTag>;
}
