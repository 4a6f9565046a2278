import { useTranslation } from 'react-i18next';
import { formatFen } from '@/lib/money';
import { type Changed, changesOf } from './change';

const MOST_SHOWN = 3;
const amounts = new Set(['amount', 'single', 'daily', 'minimum', 'maximum', 'per_payout']);

/** What an entry changed: a few fields in a line each, more of them folded away. */
export function Change({ before, after }: { before: unknown; after: unknown }) {
  const { t } = useTranslation();
  if ((before ?? undefined) === undefined && (after ?? undefined) === undefined) return null;
  const changes = changesOf(before, after);
  if (changes && changes.length === 0) return null;
  if (changes && changes.length <= MOST_SHOWN) return <Fields changes={changes} />;
  return (
    <details className="zg-details zg-small">
      <summary>{t('audit.change')}</summary>
      {changes ? <Fields changes={changes} /> : <pre className="zg-pre" tabIndex={0}>{JSON.stringify({ before: before ?? null, after: after ?? null }, null, 2)}</pre>}
    </details>
  );
}

function Fields({ changes }: { changes: Changed[] }) {
  const { t } = useTranslation();
  return (
    <ul className="zg-small zg-break">
      {changes.map(({ field, before, after }) => (
        <li key={field}>
          <span className="zg-muted">{t(`audit.fields.${field}`, { defaultValue: field })}</span>{' '}
          {before !== undefined && <><del><Value field={field} value={before} /></del> → </>}
          <Value field={field} value={after} />
        </li>
      ))}
    </ul>
  );
}

function Value({ field, value }: { field: string; value: unknown }) {
  const { t } = useTranslation();
  if (value === undefined || value === null || value === '') return <span className="zg-muted">{t('common.none')}</span>;
  if (typeof value === 'boolean') return <span>{t(value ? 'audit.yes' : 'audit.no')}</span>;
  if (typeof value === 'number') return <span className="zg-figures">{amounts.has(field) && Number.isSafeInteger(value) ? formatFen(value) : value}</span>;
  if (Array.isArray(value) && value.every((v) => typeof v === 'string')) return <span>{value.map((v) => (field === 'roles' ? t(`roles.${v}`, { defaultValue: v }) : v)).join(', ') || t('common.none')}</span>;
  if (typeof value === 'string') return <span>{field === 'role' ? t(`roles.${value}`, { defaultValue: value }) : value}</span>;
  return <span className="zg-mono">{JSON.stringify(value)}</span>;
}
