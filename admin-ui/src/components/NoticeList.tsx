import { Skeleton } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { type Delivery, useDeliveries } from '@/lib/deliveries';
import { useSession } from '@/lib/session';
import { BeijingTime } from './BeijingTime';
import { DeliveryStatus, Outcome, ResendButton, useTypeName } from './Delivery';
import { ErrorSentence } from './ErrorSentence';
import { Section } from './Section';

const SHOWN = 20;

/** Every message about an object with how it fares, each to be sent again by who may. */
export default function NoticeList({ objectId, tenantId }: { objectId: string; tenantId: string }) {
  const { t } = useTranslation();
  const query = useDeliveries({ object_id: objectId, limit: SHOWN }, tenantId);
  const here = useSession().tenantId === tenantId;
  const rows = query.data?.items ?? [];
  return (
    <Section
      title={t('webhooks.notices')}
      flush={rows.length > 0}
      testId="notices"
      extra={here && query.data?.nextCursor && <Link to={`/webhook-deliveries?number=${objectId}`}>{t('webhooks.allDeliveries')}</Link>}
    >
      {query.error ? (
        <ErrorSentence error={query.error} onRetry={() => void query.refetch()} />
      ) : query.isPending ? (
        <Skeleton active paragraph={{ rows: 2 }} title={false} />
      ) : rows.length === 0 ? (
        <p className="zg-muted">{t('webhooks.noNotices')}</p>
      ) : (
        <ul className="zg-cards">
          {rows.map((d) => <li key={d.id} className="zg-cards-item"><Notice value={d} tenantId={tenantId} link={here} /></li>)}
        </ul>
      )}
    </Section>
  );
}

/** Its own page is the merchant's: who has chosen no merchant reads it here. */
function Notice({ value: d, tenantId, link }: { value: Delivery; tenantId: string; link: boolean }) {
  const { t } = useTranslation();
  const name = useTypeName()(d.type);
  return (
    <div data-testid="notice" data-type={d.type} data-state={d.state}>
      <span className="zg-spread">{link ? <Link to={`/webhook-deliveries/${d.id}`}>{name}</Link> : <span>{name}</span>}<DeliveryStatus value={d} /></span>
      {d.state !== 'delivered' && <Outcome value={d} />}
      <span className="zg-spread zg-muted zg-small">
        <span><BeijingTime at={d.created_at} />{d.attempts > 0 && <> · {t('webhooks.tries', { count: d.attempts })}</>}</span>
        <ResendButton value={d} small label={t('webhooks.renotify')} tenantId={tenantId} />
      </span>
    </div>
  );
}
