import type { ReactNode } from 'react';

/** What a page shows where there is nothing: why, and what to do about it. */
export function EmptyState({ title, hint, action }: { title: string; hint?: string; action?: ReactNode }) {
  return (
    <div className="zg-empty" data-testid="empty">
      <svg width="72" height="56" viewBox="0 0 72 56" aria-hidden="true">
        <rect x="6" y="10" width="60" height="40" rx="8" fill="none" stroke="currentColor" strokeOpacity=".35" strokeWidth="2" />
        <path d="M6 24h60" stroke="currentColor" strokeOpacity=".35" strokeWidth="2" />
        <rect x="16" y="32" width="22" height="4" rx="2" fill="currentColor" fillOpacity=".25" />
        <rect x="16" y="40" width="14" height="4" rx="2" fill="currentColor" fillOpacity=".18" />
        <circle cx="54" cy="37" r="5" fill="none" stroke="currentColor" strokeOpacity=".35" strokeWidth="2" />
      </svg>
      <p className="zg-empty-title">{title}</p>
      {hint && <p className="zg-muted">{hint}</p>}
      {action}
    </div>
  );
}
