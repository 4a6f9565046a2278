import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { Button, Input, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { BeijingTime } from '@/components/BeijingTime';
import { ErrorSentence } from '@/components/ErrorSentence';
import { ExportButton } from '@/components/ExportButton';
import { DayFilters } from '@/components/Filters';
import { ListPage } from '@/components/ListPage';
import { PermissionGate } from '@/components/PermissionGate';
import { api, call, type Schemas } from '@/lib/api/client';
import { daysFrom, useFilters } from '@/lib/useFilters';

type Entry = Schemas['AuditEntry'];
const fields = ['actor', 'action', 'object'] as const;

export default function AuditPage() {
  const { t } = useTranslation();
  const { search, change } = useFilters();
  const rest = [...search].filter(([key, value]) => value !== '' && key !== 'from' && key !== 'to');
  const filters = { ...Object.fromEntries(rest), ...daysFrom(search) };
  const query = useQuery({
    queryKey: ['audit', filters],
    queryFn: () => call(() => api.GET('/v1/audit', { params: { query: filters } })),
    select: (page) => ({ items: page.items, nextCursor: page.next_cursor }),
    placeholderData: keepPreviousData,
  });
  return (
    <ListPage<Entry>
      title={t('nav.audit')}
      lead={t('audit.lead')}
      actions={
        <>
          <PermissionGate may="audit:verify"><Verify /></PermissionGate>
          <ExportButton kind="audit" query={filters} />
        </>
      }
      filters={
        <>
          {fields.map((field) => (
            <Input.Search key={`${field}${search.get(field) ?? ''}`} className="zg-filter-wide" defaultValue={search.get(field) ?? ''} placeholder={t(`audit.${field}`)} aria-label={t(`audit.${field}`)} maxLength={64} allowClear onSearch={(v) => change({ [field]: v.trim() })} />
          ))}
          <DayFilters />
        </>
      }
      query={query}
      rowKey={(e) => e.id}
      columns={useColumns()}
      card={(e) => (
        <div>
          <span className="zg-strong"><ActionName action={e.action} /></span>
          <span className="zg-mono zg-muted zg-small">{e.actor}</span>
          <span className="zg-mono zg-muted zg-small">{e.object}</span>
          <span className="zg-muted zg-small"><BeijingTime at={e.created_at} /></span>
        </div>
      )}
      empty={search.size > 0 ? { title: t('audit.emptyFiltered'), hint: t('orders.emptyFilteredHint') } : { title: t('audit.empty') }}
    />
  );
}

function ActionName({ action }: { action: string }) {
  const { t } = useTranslation();
  return t(`audit.actions.${action.replaceAll('.', '_')}`, { defaultValue: action });
}

function useColumns(): TableColumnsType<Entry> {
  const { t } = useTranslation();
  return [
    { title: t('audit.when'), key: 'when', render: (_, e) => <BeijingTime at={e.created_at} /> },
    { title: t('audit.actor'), key: 'actor', render: (_, e) => <span className="zg-mono">{e.actor}</span> },
    {
      title: t('audit.action'),
      key: 'action',
      render: (_, e) => (
        <div className="zg-cell">
          <div><ActionName action={e.action} /></div>
          <Change entry={e} />
        </div>
      ),
    },
    { title: t('audit.object'), key: 'object', render: (_, e) => <span className="zg-mono">{e.object}</span> },
    { title: t('profile.address'), key: 'ip', render: (_, e) => <span className="zg-mono">{e.ip}</span> },
    { title: t('audit.sealed'), key: 'sealed', render: (_, e) => (e.sealed ? t('audit.sealedYes', { index: e.chain_index }) : t('audit.sealedNo')) },
  ];
}

function Change({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  if (!entry.before && !entry.after) return null;
  return (
    <details className="zg-details zg-small">
      <summary>{t('audit.change')}</summary>
      <pre className="zg-pre" tabIndex={0}>{JSON.stringify({ before: entry.before ?? null, after: entry.after ?? null }, null, 2)}</pre>
    </details>
  );
}

function Verify() {
  const { t } = useTranslation();
  const verify = useMutation({ mutationFn: () => call(() => api.GET('/v1/audit/verification')) });
  return (
    <>
      <Button loading={verify.isPending} onClick={() => verify.mutate()}>{t('audit.verify')}</Button>
      {verify.error && <ErrorSentence error={verify.error} />}
      {verify.data && (
        <span role="status" className={`zg-verdict zg-tone-${verify.data.ok ? 'good' : 'bad'}`} data-testid="audit-verdict">
          {verify.data.ok ? t('audit.holds', { count: verify.data.rows }) : t('audit.broken', { id: verify.data.broken_at, reason: verify.data.reason })}
        </span>
      )}
    </>
  );
}
