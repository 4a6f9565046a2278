import { App, Button, Modal, Select, Skeleton } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BeijingTime } from '@/components/BeijingTime';
import { EmptyState } from '@/components/EmptyState';
import { ErrorSentence, errorSentence } from '@/components/ErrorSentence';
import { PageHead } from '@/components/PageHead';
import { PermissionGate } from '@/components/PermissionGate';
import { TenantOnly } from '@/components/TenantOnly';
import { asApiError } from '@/lib/api/error';
import { useNames, useProviders } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { type Field, type Mapping, useDeleteMapping, useMappings } from './api';
import { Editor } from './ChooseMapping';

/** How the files of each provider are read. */
export default function MappingsPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const [editing, setEditing] = useState<Mapping | 'new'>();
  return (
    <div className="zg-page zg-narrow">
      <PageHead
        title={t('billImport.mappings')}
        lead={t('billImport.mappingsLead')}
        back={{ to: '/bill-imports', label: t('billImport.title') }}
        actions={tenantId && <PermissionGate may="bills:map"><Button type="primary" onClick={() => setEditing('new')}>{t('billImport.newMapping')}</Button></PermissionGate>}
      />
      <TenantOnly><Mappings editing={editing} onEdit={setEditing} /></TenantOnly>
    </div>
  );
}

function Mappings({ editing, onEdit }: { editing: Mapping | 'new' | undefined; onEdit: (mapping: Mapping | 'new' | undefined) => void }) {
  const { t } = useTranslation();
  const query = useMappings();
  if (query.error) return <ErrorSentence error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <div className="zg-card zg-card-pad" aria-busy="true"><Skeleton active /></div>;
  const { items, fields } = query.data;
  return (
    <>
      <div className="zg-card">
        {items.length === 0 ? (
          <EmptyState title={t('billImport.noMappings')} hint={t('billImport.noMappingsHint')} />
        ) : (
          <ul className="zg-cards" aria-label={t('billImport.mappings')}>
            {items.map((m) => <li key={m.id} className="zg-cards-item"><Row mapping={m} onEdit={() => onEdit(m)} /></li>)}
          </ul>
        )}
      </div>
      <Modal open={editing !== undefined} title={editing === 'new' ? t('billImport.newMapping') : t('billImport.editMapping')} width={760} footer={null} onCancel={() => onEdit(undefined)} mask={{ closable: false }} destroyOnHidden>
        {editing && <EditOne mapping={editing === 'new' ? undefined : editing} fields={fields} onDone={() => onEdit(undefined)} />}
      </Modal>
    </>
  );
}

function Row({ mapping: m, onEdit }: { mapping: Mapping; onEdit: () => void }) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const names = useNames();
  const remove = useDeleteMapping();
  const ask = () =>
    void modal.confirm({
      title: t('billImport.deleteTitle', { name: m.name }),
      content: t('billImport.deleteHint'),
      okText: t('billImport.delete'),
      cancelText: t('common.cancel'),
      onOk: () => remove.mutateAsync(m).catch((error) => void message.error(errorSentence(t, asApiError(error)))),
    });
  return (
    <div>
      <span className="zg-spread zg-wrap">
        <span className="zg-strong">{m.name}</span>
        <PermissionGate may="bills:map">
          <span className="zg-row">
            <Button size="small" onClick={onEdit}>{t('common.edit')}</Button>
            <Button size="small" danger onClick={ask}>{t('billImport.delete')}</Button>
          </span>
        </PermissionGate>
      </span>
      <span className="zg-muted zg-small">{names.provider(m.provider)} · {Object.values(m.rules.columns).join(', ')}</span>
      <span className="zg-muted zg-small"><BeijingTime at={m.updated_at} /></span>
    </div>
  );
}

/** A mapping in a dialog; a new one says first of which provider. */
function EditOne({ mapping, fields, onDone }: { mapping: Mapping | undefined; fields: Field[]; onDone: () => void }) {
  const { t } = useTranslation();
  const names = useNames();
  const providers = useProviders().data ?? [];
  const [chosen, setChosen] = useState<string>();
  const id = useId();
  const provider = mapping?.provider ?? chosen;
  return (
    <>
      {!mapping && (
        <div className="zg-field">
          <label htmlFor={id}>{t('orders.provider')}</label>
          <Select id={id} value={chosen} onChange={setChosen} options={providers.map((p) => ({ value: p.id, label: names.provider(p.id) }))} />
        </div>
      )}
      {provider && <Editor key={provider} provider={provider} fields={fields} old={mapping} onSaved={onDone} />}
    </>
  );
}
