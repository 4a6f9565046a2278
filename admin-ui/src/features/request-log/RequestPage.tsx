import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { Actor } from '@/components/Actor';
import { BeijingTime } from '@/components/BeijingTime';
import { CopyText } from '@/components/CopyText';
import { DetailPage } from '@/components/DetailPage';
import { Facts } from '@/components/Facts';
import { ObjectLink } from '@/components/ObjectLink';
import { Section } from '@/components/Section';
import { useSession } from '@/lib/session';
import { type Entry, useOneRequest } from './api';
import { Asked, Result, Told } from './Entry';

/** One request of a program, with the sentence that it was told. */
export default function RequestPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useOneRequest(id);
  return (
    <DetailPage
      title={query.data ? `${query.data.method} ${query.data.route}` : t('requests.one')}
      back={{ to: '/request-log', label: t('nav.requestLog') }}
      query={query}
      status={(e) => <Result value={e} />}
    >
      {(e) => (
        <div className="zg-stack">
          {e.code && <Refusal value={e} />}
          <Particulars value={e} />
        </div>
      )}
    </DetailPage>
  );
}

function Refusal({ value: e }: { value: Entry }) {
  const { t } = useTranslation();
  return (
    <Section title={t('requests.told')} testId="request-refusal">
      <Facts
        facts={[
          { label: t('requests.code'), value: <CopyText text={e.code ?? ''} label={t('requests.code')} /> },
          e.param ? { label: t('requests.param'), value: <span className="zg-mono">{e.param}</span> } : undefined,
          { label: t('requests.meaning'), value: <Told value={e} />, wide: true },
          { label: t('requests.sentence'), value: <span lang="en">{e.message}</span>, wide: true },
          { label: t('requests.docs'), value: <a href={e.docs} target="_blank" rel="noreferrer">{t('requests.docsLink')}</a> },
        ]}
      />
    </Section>
  );
}

function Particulars({ value: e }: { value: Entry }) {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  return (
    <Section title={t('webhooks.particulars')}>
      <Facts
        facts={[
          { label: t('requests.at'), value: <BeijingTime at={e.created_at} /> },
          { label: t('requests.took'), value: <span className="zg-figures">{t('requests.ms', { value: e.milliseconds.toFixed(1) })}</span> },
          { label: t('webhooks.about'), value: <ObjectLink id={e.object_id} /> },
          { label: t('requests.key'), value: <Actor actor={`key:${e.api_key_id}`} tenant={tenantId} /> },
          { label: t('requests.address'), value: <span className="zg-mono">{e.ip}</span> },
          { label: t('requests.asked'), value: <Asked value={e} />, wide: true },
          { label: t('requests.requestId'), value: <CopyText text={e.request_id} label={t('requests.requestId')} />, wide: true },
          e.object_id ? { label: t('requests.same'), value: <Link to={`/request-log?number=${e.object_id}`}>{t('requests.sameLink')}</Link> } : undefined,
        ]}
      />
      <p className="zg-muted zg-small">{t('requests.noBodies')}</p>
    </Section>
  );
}
