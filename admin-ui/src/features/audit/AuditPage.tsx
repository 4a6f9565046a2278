import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Select, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Actor, useActorName } from '@/components/Actor';
import { BeijingTime } from '@/components/BeijingTime';
import { ExportButton } from '@/components/ExportButton';
import { ClearFilters, PeriodFilter, TextFilter } from '@/components/Filters';
import { ListPage } from '@/components/ListPage';
import { ObjectLink } from '@/components/ObjectLink';
import { PermissionGate } from '@/components/PermissionGate';
import { StatusTag } from '@/components/StatusTag';
import { api, call, type Schemas } from '@/lib/api/client';
import { useActors } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { daysFrom } from '@/lib/period';
import { useFilters } from '@/lib/useFilters';
import { Change } from './Change';
import { actionNames } from './change';
import { Verify } from './Verify';

type Entry = Schemas['AuditEntry'];

const MOST = 64; // characters of a filter

/** Who did what, when and from where, what it changed, and whether the log is whole. */
export default function AuditPage() {
  const { t } = useTranslation();
  const { search } = useFilters();
  const asked = (name: string) => search.get(name)?.slice(0, MOST) || undefined;
  const [actor, action, object, cursor] = [asked('actor'), asked('action'), asked('object'), search.get('cursor') ?? undefined];
  const filters = { ...(actor && { actor }), ...(action && { action }), ...(object && { object }), ...daysFrom(search) };
  const query = useQuery({
    queryKey: ['audit', filters, cursor],
    queryFn: () => call(() => api.GET('/v1/audit', { params: { query: { ...filters, ...(cursor && { cursor }) } } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
  });
  return (
    <ListPage<Entry>
      name="audit"
      title={t('nav.audit')}
      lead={t('audit.lead')}
      actions={
        <>
          <PermissionGate may="audit:verify"><Verify /></PermissionGate>
          <ExportButton kind="audit" query={filters} columns={exported} />
        </>
      }
      filters={<AuditFilters />}
      query={query}
      rowKey={(e) => e.id}
      columns={useColumns()}
      card={(e) => (
        <div>
          <span className="zg-strong"><ActionName action={e.action} /></span>
          <span className="zg-spread"><Actor actor={e.actor} tenant={e.tenant_id} /><ObjectName object={e.object} /></span>
          <span className="zg-muted zg-small"><BeijingTime at={e.created_at} /></span>
          <Change before={e.before} after={e.after} />
        </div>
      )}
      empty={{ title: t('audit.empty') }}
      nothing={{ title: t('audit.emptyFiltered'), names: { actor: t('audit.actor'), action: { label: t('audit.action'), value: (a) => t(`audit.actions.${a}`, { defaultValue: a }) }, object: t('audit.object') } }}
    />
  );
}

function AuditFilters() {
  const { t, i18n } = useTranslation();
  const { tenantId } = useSession();
  const { search, change } = useFilters();
  const actors = useActors(tenantId).data ?? [];
  const name = useActorName(tenantId);
  const [actor, action] = ['actor', 'action'].map((key) => search.get(key) || undefined);
  // Somebody whom the address names is offered as well, known or not.
  const people = [...new Set(['system', ...actors.map((a) => a.actor), ...(actor ? [actor] : [])])];
  const actions = actionNames(i18n.t('audit.actions', { returnObjects: true }));
  const known = actions.some((a) => a.value === action) || !action ? actions : [...actions, { value: action, label: action }];
  return (
    <>
      <Select className="zg-filter-wide" aria-label={t('audit.actor')} placeholder={t('audit.actor')} allowClear showSearch={{ optionFilterProp: 'label' }} value={actor} onChange={(value?: string) => change({ actor: value })} options={people.map((value) => ({ value, label: name(value) }))} />
      <Select className="zg-filter-wide" aria-label={t('audit.action')} placeholder={t('audit.action')} allowClear showSearch={{ optionFilterProp: 'label' }} value={action} onChange={(value?: string) => change({ action: value })} options={known} />
      <TextFilter name="object" label={t('audit.objectId')} maxLength={MOST} />
      <PeriodFilter />
      <ClearFilters />
    </>
  );
}

function ActionName({ action }: { action: string }) {
  const { t } = useTranslation();
  return t(`audit.actions.${action}`, { defaultValue: action });
}

/** What an entry is about: an object with a page, a user by name, or the text itself. */
function ObjectName({ object }: { object: string }) {
  const { tenantId } = useSession();
  const name = useActorName(tenantId);
  if (/^(usr|key)_/.test(object)) return <Actor actor={`${object.startsWith('usr') ? 'user' : 'key'}:${object}`} tenant={tenantId} />;
  if (/^[a-z]+_[0-9a-z]{26}$/.test(object)) return <ObjectLink id={object} />;
  return <span className="zg-break" title={object}>{object.includes(':') ? name(object) : object}</span>;
}

/** What the list's columns are in a file. */
const exported = { when: ['created_at'], actor: ['actor'], action: ['action', 'before', 'after'], object: ['object'], ip: ['ip'], sealed: ['chain_index'] };

function useColumns(): TableColumnsType<Entry> {
  const { t } = useTranslation();
  return [
    { title: t('audit.when'), key: 'when', render: (_, e) => <BeijingTime at={e.created_at} /> },
    { title: t('audit.actor'), key: 'actor', render: (_, e) => <Actor actor={e.actor} tenant={e.tenant_id} /> },
    {
      title: t('audit.action'),
      key: 'action',
      render: (_, e) => (
        <div className="zg-cell">
          <div className="zg-strong"><ActionName action={e.action} /></div>
          <Change before={e.before} after={e.after} />
        </div>
      ),
    },
    { title: t('audit.object'), key: 'object', render: (_, e) => <ObjectName object={e.object} /> },
    { title: t('profile.address'), key: 'ip', render: (_, e) => <span className="zg-mono">{e.ip}</span> },
    { title: t('audit.sealed'), key: 'sealed', render: (_, e) => <StatusTag tone={e.sealed ? 'good' : 'busy'}>{e.sealed ? t('audit.sealedYes', { index: e.chain_index }) : t('audit.sealedNo')}</StatusTag> },
  ];
}
