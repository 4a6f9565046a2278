import { LeftOutlined, RightOutlined, UploadOutlined } from '@ant-design/icons';
import { Alert, Button, Modal, Skeleton } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Actor } from '@/components/Actor';
import { BeijingTime } from '@/components/BeijingTime';
import { ErrorSentence } from '@/components/ErrorSentence';
import { PageHead } from '@/components/PageHead';
import { beijingDay } from '@/lib/beijing';
import { useNow } from '@/lib/now';
import { useMay } from '@/lib/permissions';
import { useFilters } from '@/lib/useFilters';
import { useCalendar } from './api';
import { CalendarForm } from './CalendarForm';
import { type Day, type Month, monthsOf } from './calendar';

/** The working days of a year: when money clears and what is paid out on holidays. */
export default function CalendarPage() {
  const { t } = useTranslation();
  const may = useMay();
  const { search, change } = useFilters();
  const present = Number(beijingDay(useNow()).slice(0, 4));
  const asked = Number(search.get('year'));
  const year = Number.isInteger(asked) && asked >= 2020 && asked <= 2099 ? asked : present;
  const query = useCalendar(year);
  const [open, setOpen] = useState(false);
  const go = (to: number) => change({ year: to === present ? undefined : String(to) });
  return (
    <div className="zg-page">
      <PageHead
        title={t('nav.calendar')}
        lead={t('rules.calendarLead')}
        actions={may('calendar:update') && <Button type="primary" icon={<UploadOutlined aria-hidden="true" />} onClick={() => setOpen(true)}>{t('rules.upload')}</Button>}
      />
      <div className="zg-spread zg-wrap">
        <div className="zg-row">
          <Button icon={<LeftOutlined aria-hidden="true" />} aria-label={t('rules.yearBefore')} onClick={() => go(year - 1)} />
          <h2 className="zg-figures" data-testid="calendar-year">{t('rules.year', { year })}</h2>
          <Button icon={<RightOutlined aria-hidden="true" />} aria-label={t('rules.yearAfter')} onClick={() => go(year + 1)} />
        </div>
        {query.data?.uploaded_at && (
          <span className="zg-muted zg-small">
            {t('rules.uploadedBy')} <Actor actor={query.data.uploaded_by} tenant={undefined} /> · <BeijingTime at={query.data.uploaded_at} />
          </span>
        )}
      </div>
      {query.error && <ErrorSentence error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <div className="zg-card zg-card-pad" aria-busy="true"><Skeleton active /></div>}
      {query.data && (
        <>
          {!query.data.uploaded_at && <Alert type="warning" showIcon title={t('rules.calendarEmpty', { year })} />}
          <ul className="zg-legend zg-small">
            {(['holiday', 'workday', 'weekend'] as const).map((kind) => <li key={kind}><span className={`zg-day zg-day-${kind}`} aria-hidden="true" /> {t(`rules.dayKinds.${kind}`)}</li>)}
          </ul>
          <div className="zg-months">{monthsOf(year, query.data.days).map((m) => <MonthCard key={m.month} month={m} />)}</div>
        </>
      )}
      <Modal open={open} title={t('rules.uploadTitle', { year })} footer={null} onCancel={() => setOpen(false)} destroyOnHidden mask={{ closable: false }} width={600}>
        <CalendarForm year={year} days={query.data?.days ?? []} onClose={() => setOpen(false)} />
      </Modal>
    </div>
  );
}

function MonthCard({ month }: { month: Month }) {
  const { t, i18n } = useTranslation();
  const name = new Intl.DateTimeFormat(i18n.language, { month: 'long', timeZone: 'UTC' }).format(Date.UTC(2000, month.month - 1));
  const differing = month.days.filter((d) => d.kind === 'holiday' || d.kind === 'workday');
  return (
    <section className="zg-card zg-card-pad zg-month" aria-label={name}>
      <h3 className="zg-strong">{name}</h3>
      <div className="zg-month-grid zg-figures" aria-hidden="true">
        {(['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'] as const).map((d) => <span key={d} className="zg-muted zg-small">{t(`rules.weekdays.${d}`)}</span>)}
        {month.days.map((d, i) => (
          <span key={d.day} className={`zg-day zg-day-${d.kind}`} title={d.name} style={i === 0 ? { gridColumnStart: month.before + 1 } : undefined}>{d.date}</span>
        ))}
      </div>
      {differing.length > 0 && <ul className="zg-sr-only">{differing.map((d) => <Spoken key={d.day} day={d} />)}</ul>}
    </section>
  );
}

function Spoken({ day }: { day: Day }) {
  const { t } = useTranslation();
  return <li>{[day.day, t(`rules.dayKinds.${day.kind}`), day.name].filter(Boolean).join(' ')}</li>;
}
