import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Schemas } from '@/lib/api/client';
import { useMay } from '@/lib/permissions';
import { Left } from './Ago';
import { ApprovalStatus } from './states';

/** That something waits, or waited, for a second person, and where that is decided. */
export function ApprovalNote({ approval: a }: { approval: Schemas['Approval'] }) {
  const { t } = useTranslation();
  const may = useMay();
  return (
    <div className="zg-card zg-card-pad zg-stack-tight" role="note" data-testid="approval-note">
      <p className="zg-row">
        <span className="zg-strong">{t('secondPerson.title')}</span>
        <ApprovalStatus value={a.state} />
      </p>
      {a.state === 'pending' && (
        <p>
          {t('secondPerson.waits', { count: a.needed - a.decisions.length })} <span className="zg-muted"><Left until={a.expires_at} /></span>
        </p>
      )}
      {may('approvals:read') && <p><Link to={`/approvals/${a.id}`}>{t('secondPerson.open')}</Link></p>}
    </div>
  );
}
