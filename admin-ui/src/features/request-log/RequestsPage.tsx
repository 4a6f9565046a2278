import type { TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Actor } from '@/components/Actor';
import { BeijingTime } from '@/components/BeijingTime';
import { ChoiceFilter, ClearFilters, PeriodFilter, TextFilter } from '@/components/Filters';
import { ListPage } from '@/components/ListPage';
import { ObjectLink } from '@/components/ObjectLink';
import { PageHead } from '@/components/PageHead';
import { TenantOnly } from '@/components/TenantOnly';
import { useActors } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { type Entry, methods, queryFrom, results, useRequests } from './api';
import { Asked, Result, Told } from './Entry';

/** What the merchant's programs asked, and what they were told. */
export default function RequestsPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  if (tenantId) return <Requests />;
  return (
    <div className="zg-page">
      <PageHead title={t('nav.requestLog')} lead={t('requests.lead')} />
      <TenantOnly>{null}</TenantOnly>
    </div>
  );
}

function Requests() {
  const { t } = useTranslation();
  const { search } = useFilters();
  const keys = useKeys();
  const query = useRequests(queryFrom(search));
  return (
    <ListPage<Entry>
      name="request-log"
      title={t('nav.requestLog')}
      lead={t('requests.lead')}
      filters={<Filters />}
      query={query}
      rowKey={(e) => e.id}
      rowLink={(e) => `/request-log/${e.id}`}
      columns={useColumns()}
      card={(e) => <Card value={e} />}
      empty={{ title: t('requests.empty'), hint: t('requests.emptyHint'), action: <Link to="/api-keys">{t('nav.apiKeys')}</Link> }}
      nothing={{
        title: t('requests.emptyFiltered'),
        names: {
          result: { label: t('requests.result'), value: (r) => t(`requests.results.${r}`) },
          method: t('requests.method'),
          key: { label: t('requests.key'), value: (id) => keys.find((k) => k.actor === `key:${id}`)?.name ?? id },
          number: t('webhooks.number'),
          code: t('requests.code'),
          request: t('requests.requestId'),
        },
      }}
    />
  );
}

/** The merchant's keys by name, also those that were revoked. */
function useKeys() {
  const { tenantId } = useSession();
  return (useActors(tenantId).data ?? []).filter((a) => a.actor.startsWith('key:'));
}

function Filters() {
  const { t } = useTranslation();
  const keys = useKeys();
  return (
    <>
      <ChoiceFilter name="result" label={t('requests.anyResult')} multiple options={results.map((r) => ({ value: r, label: t(`requests.results.${r}`) }))} />
      <ChoiceFilter name="method" label={t('requests.anyMethod')} multiple options={methods.map((m) => ({ value: m, label: m }))} />
      {keys.length > 1 && <ChoiceFilter name="key" label={t('requests.anyKey')} wide options={keys.map((k) => ({ value: k.actor.slice('key:'.length), label: k.name }))} />}
      <TextFilter name="number" label={t('webhooks.number')} />
      <TextFilter name="code" label={t('requests.code')} />
      <TextFilter name="request" label={t('requests.requestId')} />
      <PeriodFilter />
      <ClearFilters />
    </>
  );
}

function useColumns(): TableColumnsType<Entry> {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  return [
    { title: t('requests.at'), key: 'at', width: 180, render: (_, e) => <Link to={`/request-log/${e.id}`}><BeijingTime at={e.created_at} /></Link> },
    { title: t('requests.asked'), key: 'asked', render: (_, e) => <Asked value={e} /> },
    {
      title: t('requests.result'),
      key: 'result',
      render: (_, e) => (
        <div className="zg-cell">
          <Result value={e} />
          <div><Told value={e} /></div>
        </div>
      ),
    },
    { title: t('webhooks.about'), key: 'about', width: 140, render: (_, e) => <ObjectLink id={e.object_id} /> },
    { title: t('requests.key'), key: 'key', width: 150, render: (_, e) => <Actor actor={`key:${e.api_key_id}`} tenant={tenantId} /> },
    { title: t('requests.took'), key: 'took', width: 110, align: 'right', render: (_, e) => <span className="zg-figures">{t('requests.ms', { value: Math.round(e.milliseconds) })}</span> },
  ];
}

function Card({ value: e }: { value: Entry }) {
  return (
    <div>
      <span className="zg-spread"><Link to={`/request-log/${e.id}`}><Asked value={e} /></Link><Result value={e} /></span>
      <Told value={e} />
      <span className="zg-spread zg-muted zg-small"><BeijingTime at={e.created_at} /><ObjectLink id={e.object_id} /></span>
    </div>
  );
}
