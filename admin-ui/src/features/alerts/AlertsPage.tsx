import { App, Button, Segmented, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Actor } from '@/components/Actor';
import { BeijingTime } from '@/components/BeijingTime';
import { errorSentence } from '@/components/ErrorSentence';
import { ChoiceFilter } from '@/components/Filters';
import { ListPage } from '@/components/ListPage';
import { PermissionGate } from '@/components/PermissionGate';
import { StatusTag } from '@/components/StatusTag';
import { asApiError } from '@/lib/api/error';
import { useMay } from '@/lib/permissions';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { AlertText, Severity } from './AlertText';
import { type Alert, alertKinds, queryFrom, useAlerts, useTakeAlert } from './api';

/** What needs people, and who takes care of it. */
export default function AlertsPage() {
  const { t } = useTranslation();
  const { search, change } = useFilters();
  const all = search.get('all') === 'true';
  const query = useAlerts(queryFrom(search));
  return (
    <ListPage<Alert>
      name="alerts"
      title={t('nav.alerts')}
      lead={t('alerts.lead')}
      actions={
        <PermissionGate may="alert_channels:read">
          <Link to="/alerts/channels" className="zg-link-button">{t('channels.title')}</Link>
        </PermissionGate>
      }
      filters={
        <>
          <Segmented
            aria-label={t('common.status')}
            value={all ? 'all' : 'open'}
            onChange={(value) => change({ all: value === 'all' ? 'true' : undefined })}
            options={[{ value: 'open', label: t('alerts.open') }, { value: 'all', label: t('alerts.all') }]}
          />
          <ChoiceFilter name="kind" label={t('alerts.anyKind')} multiple wide options={alertKinds.map((k) => ({ value: k, label: t(`alerts.kinds.${k}`) }))} />
        </>
      }
      query={query}
      rowKey={(a) => a.id}
      columns={useColumns()}
      card={(a) => <Card alert={a} />}
      empty={{ title: t('alerts.empty'), hint: t('alerts.emptyHint') }}
      nothing={{
        title: t('alerts.emptyFiltered'),
        names: { kind: { value: (k) => t(`alerts.kinds.${k}`, { defaultValue: k }) } },
        elsewhere: { key: 'all', value: 'true', label: t('alerts.all') },
      }}
    />
  );
}

function useColumns(): TableColumnsType<Alert> {
  const { t } = useTranslation();
  return [
    { title: t('alerts.severityTitle'), key: 'severity', width: 110, render: (_, a) => <Severity alert={a} /> },
    { title: t('alerts.what'), key: 'what', render: (_, a) => <AlertText alert={a} /> },
    {
      title: t('alerts.when'),
      key: 'when',
      width: 210,
      render: (_, a) => (
        <div className="zg-cell">
          <BeijingTime at={a.opened_at} />
          {a.times > 1 && <div className="zg-muted zg-small">{t('alerts.times', { count: a.times })} <BeijingTime at={a.last_at} /></div>}
        </div>
      ),
    },
    { title: t('common.status'), key: 'status', width: 190, render: (_, a) => <Handled alert={a} /> },
    { title: <span className="zg-sr-only">{t('common.actions')}</span>, key: 'actions', align: 'right', width: 120, render: (_, a) => <Take alert={a} /> },
  ];
}

function Card({ alert }: { alert: Alert }) {
  return (
    <div>
      <span className="zg-spread"><Severity alert={alert} /><Handled alert={alert} /></span>
      <AlertText alert={alert} />
      <span className="zg-spread zg-muted zg-small"><BeijingTime at={alert.opened_at} /><Take alert={alert} /></span>
    </div>
  );
}

function Handled({ alert: a }: { alert: Alert }) {
  const { t } = useTranslation();
  return (
    <div className="zg-cell" data-testid="alert-handled">
      <StatusTag tone={a.resolved_at ? 'good' : a.seen_by ? 'busy' : 'waiting'}>{t(a.resolved_at ? 'alerts.resolved' : a.seen_by ? 'alerts.taken' : 'alerts.waiting')}</StatusTag>
      {a.seen_by && <div className="zg-muted zg-small"><Actor actor={a.seen_by} tenant={a.tenant_id} /></div>}
    </div>
  );
}

function Take({ alert }: { alert: Alert }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { me } = useSession();
  const may = useMay();
  const take = useTakeAlert(alert);
  if (alert.resolved_at || !may('alerts:take') || alert.seen_by === `user:${me.user?.id}`) return null;
  const go = () => take.mutate(undefined, { onError: (error) => void message.error(errorSentence(t, asApiError(error))) });
  return (
    <Button size="small" loading={take.isPending} onClick={go} data-testid="alert-take">
      {t(alert.seen_by ? 'alerts.takeOver' : 'alerts.take')}
    </Button>
  );
}
