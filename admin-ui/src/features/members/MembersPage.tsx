import { useQuery } from '@tanstack/react-query';
import { Modal, type TableColumnsType, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BeijingTime } from '@/components/BeijingTime';
import { CopyText } from '@/components/CopyText';
import { Facts } from '@/components/Facts';
import { ChoiceFilter, ClearFilters, TextFilter } from '@/components/Filters';
import { ListPage } from '@/components/ListPage';
import { PageHead } from '@/components/PageHead';
import { StatusTag } from '@/components/StatusTag';
import { TenantOnly } from '@/components/TenantOnly';
import { api, call, type Schemas } from '@/lib/api/client';
import { useNames } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { asked, chosen, useFilters } from '@/lib/useFilters';

type Member = Schemas['Member'];
const states: Schemas['MemberState'][] = ['active', 'closed'];

/** Payers who are members at a provider, by the provider's word. */
export default function MembersPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  if (tenantId) return <Members tenantId={tenantId} />;
  return (
    <div className="zg-page">
      <PageHead title={t('nav.members')} lead={t('members.lead')} />
      <TenantOnly>{null}</TenantOnly>
    </div>
  );
}

function Members({ tenantId }: { tenantId: string }) {
  const { t } = useTranslation();
  const names = useNames();
  const { search } = useFilters();
  const [shown, setShown] = useState<Member>();
  const wanted = asked({ uid: search.get('uid') ?? undefined, state: chosen(search, 'state', states)?.[0], cursor: search.get('cursor') ?? undefined });
  const query = useQuery({
    queryKey: ['members', tenantId, wanted],
    queryFn: () => call(() => api.GET('/v1/members', { params: { query: wanted } })),
    select: (r) => ({ items: r.items, nextCursor: r.next_cursor }),
  });
  const columns: TableColumnsType<Member> = [
    { title: t('members.uid'), key: 'uid', render: (_, m) => <CopyText text={m.uid} label={t('members.uid')} /> },
    { title: t('members.phone'), key: 'phone', render: (_, m) => <span className="zg-figures">{m.phone}</span> },
    { title: t('members.provider'), key: 'provider', render: (_, m) => names.provider(m.provider) },
    { title: t('common.status'), key: 'state', render: (_, m) => <State member={m} /> },
    { title: t('members.opened'), key: 'opened', render: (_, m) => <BeijingTime at={m.created_at} /> },
    { title: t('members.changed'), key: 'changed', render: (_, m) => <BeijingTime at={m.updated_at} /> },
    { title: <span className="zg-sr-only">{t('common.actions')}</span>, key: 'actions', align: 'right', render: (_, m) => <Button size="small" onClick={() => setShown(m)}>{t('members.details')}</Button> },
  ];
  return (
    <>
      <ListPage<Member>
        name="members"
        title={t('nav.members')}
        lead={t('members.lead')}
        filters={
          <>
            <TextFilter name="uid" label={t('members.uid')} />
            <ChoiceFilter name="state" label={t('common.status')} options={states.map((s) => ({ value: s, label: t(`members.states.${s}`) }))} />
            <ClearFilters />
          </>
        }
        query={query}
        rowKey={(m) => m.id}
        columns={columns}
        card={(m) => (
          <div>
            <span className="zg-spread"><span className="zg-mono">{m.uid}</span><State member={m} /></span>
            <span className="zg-spread zg-muted zg-small"><BeijingTime at={m.updated_at} /><Button size="small" onClick={() => setShown(m)}>{t('members.details')}</Button></span>
          </div>
        )}
        empty={{ title: t('members.empty'), hint: t('members.emptyHint') }}
        nothing={{ title: t('members.emptyFiltered'), names: { uid: t('members.uid'), state: { label: t('common.status'), value: (s) => t(`members.states.${s}`, { defaultValue: s }) } } }}
      />
      <Modal open={shown !== undefined} title={t('members.one')} footer={null} onCancel={() => setShown(undefined)} destroyOnHidden>
        {shown && (
          <Facts
            facts={[
              { label: t('members.uid'), value: <CopyText text={shown.uid} label={t('members.uid')} />, wide: true },
              { label: t('common.status'), value: <State member={shown} /> },
              { label: t('members.phone'), value: shown.phone },
              { label: t('members.provider'), value: names.provider(shown.provider) },
              { label: t('members.opened'), value: <BeijingTime at={shown.created_at} /> },
              { label: t('members.changed'), value: <BeijingTime at={shown.updated_at} /> },
            ]}
          />
        )}
      </Modal>
    </>
  );
}

function State({ member }: { member: Member }) {
  const { t } = useTranslation();
  return <StatusTag tone={member.state === 'active' ? 'good' : 'over'}>{t(`members.states.${member.state}`)}</StatusTag>;
}
