import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { BeijingTime } from '@/components/BeijingTime';
import { pageOf } from '@/components/ObjectLink';
import { StatusTag } from '@/components/StatusTag';
import { Link } from 'react-router';
import { formatFen } from '@/lib/money';
import type { Alert } from './api';

// What is counted in fen.
const amounts = new Set(['balance', 'mark', 'amount']);
const isTime = (text: string) => /^\d{4}-\d\d-\d\dT/.test(text);

function said(t: TFunction, alert: Alert, name: string, value: string): React.ReactNode {
  if (isTime(value)) return <BeijingTime at={value} />;
  if (amounts.has(name) && /^-?\d+$/.test(value)) return formatFen(BigInt(value));
  if (name === 'from' || name === 'to') return t(`states.${alert.object_kind}.${value}`, { defaultValue: value });
  return t(`alerts.values.${value}`, { defaultValue: value });
}

/** What an alert is about, with the numbers that belong to it. */
export function AlertText({ alert }: { alert: Alert }) {
  const { t } = useTranslation();
  const to = pageOf(alert.object_id) ?? (alert.object_kind === 'plugin' ? `/providers/${alert.object}` : undefined);
  const details = Object.entries(alert.args).filter(([, value]) => value !== '');
  return (
    <div className="zg-cell">
      <div className="zg-strong">{t(`alerts.kinds.${alert.kind}`, { defaultValue: alert.kind })}</div>
      <div>
        {t(`alerts.objects.${alert.object_kind}`, { defaultValue: alert.object_kind })} {to ? <Link className="zg-inline-link" to={to}>{alert.object}</Link> : alert.object}
      </div>
      {details.length > 0 && (
        <div className="zg-muted zg-small">
          {details.map(([name, value], i) => (
            <span key={name}>
              {i > 0 && ' · '}
              {t(`alerts.args.${name}`, { defaultValue: name })} {said(t, alert, name, value)}
            </span>
          ))}
        </div>
      )}
    </div>
  );
}

export function Severity({ alert }: { alert: Alert }) {
  const { t } = useTranslation();
  return <StatusTag tone={alert.severity === 'critical' ? 'bad' : 'waiting'}>{t(`alerts.severity.${alert.severity}`)}</StatusTag>;
}
