import { PlusOutlined } from '@ant-design/icons';
import { App, Button, Modal, Progress, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Actor } from '@/components/Actor';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { errorSentence } from '@/components/ErrorSentence';
import { ListBody } from '@/components/ListPage';
import { Section } from '@/components/Section';
import { asApiError } from '@/lib/api/error';
import { formatFen } from '@/lib/money';
import { useMay } from '@/lib/permissions';
import { useSession } from '@/lib/session';
import { type Limit, useLimits, useSetLimit } from './api';
import { LimitForm } from './LimitForm';
import { limitDraft, limitRequest, usedPercent } from './rules';
import { useScopeName } from './Scope';

const keyOf = (l: Limit) => [l.account_id, l.method, l.spending, l.layer].join('/');

/** The limits of a merchant, the platform's and its own, with what today has used of them. */
export function Limits({ tenantId }: { tenantId: string | undefined }) {
  const { t } = useTranslation();
  const may = useMay();
  const { me } = useSession();
  const query = useLimits(tenantId);
  const scope = useScopeName(tenantId);
  const [editing, setEditing] = useState<Limit | 'new' | null>(null);
  const mine = me.platform ? 'platform' : 'tenant';
  const actions = (l: Limit) => may('limits:update') && l.layer === mine && <LimitActions tenantId={tenantId} limit={l} name={scope(l)} onEdit={() => setEditing(l)} />;
  const columns: TableColumnsType<Limit> = [
    { title: t('rules.scope'), key: 'scope', render: (_, l) => scope(l) },
    { title: t('rules.kind'), key: 'spending', render: (_, l) => t(`rules.spending.${l.spending}`) },
    { title: t('rules.layer'), key: 'layer', render: (_, l) => t(`rules.layers.${l.layer}`) },
    { title: t('rules.single'), key: 'single', align: 'right', render: (_, l) => (l.single ? <Amount fen={l.single} /> : t('rules.noLimit')) },
    { title: t('rules.daily'), key: 'daily', width: 240, render: (_, l) => <Daily limit={l} /> },
    { title: t('rules.setBy'), key: 'by', render: (_, l) => <SetBy tenantId={tenantId} limit={l} /> },
    { title: <span className="zg-sr-only">{t('common.actions')}</span>, key: 'actions', align: 'right', render: (_, l) => actions(l) },
  ];
  const add = may('limits:update') && <Button icon={<PlusOutlined aria-hidden="true" />} onClick={() => setEditing('new')}>{t('rules.addLimit')}</Button>;
  return (
    <Section title={t('rules.limits')} extra={add} flush testId="limits">
      <ListBody<Limit>
        title={t('rules.limits')}
        query={query}
        rowKey={keyOf}
        columns={columns}
        card={(l) => (
          <div>
            <span className="zg-spread"><span className="zg-strong">{scope(l)}</span><span className="zg-muted zg-small">{t(`rules.layers.${l.layer}`)}</span></span>
            <span>{t(`rules.spending.${l.spending}`)} · {t('rules.single')} {l.single ? <Amount fen={l.single} /> : t('rules.noLimit')}</span>
            <Daily limit={l} />
            <SetBy tenantId={tenantId} limit={l} />
            {actions(l)}
          </div>
        )}
        empty={{ title: t('rules.limitsEmpty'), hint: t('rules.limitsEmptyHint') }}
      />
      <Modal open={editing !== null} title={editing === 'new' ? t('rules.addLimit') : t('rules.editLimit')} footer={null} onCancel={() => setEditing(null)} destroyOnHidden mask={{ closable: false }}>
        {editing && <LimitForm tenantId={tenantId} limit={editing === 'new' ? undefined : editing} present={query.data?.items ?? []} onClose={() => setEditing(null)} />}
      </Modal>
    </Section>
  );
}

function Daily({ limit: l }: { limit: Limit }) {
  const { t } = useTranslation();
  if (!l.daily) return <span>{t('rules.noLimit')}</span>;
  const used = l.used_today ?? 0;
  const percent = usedPercent(used, l.daily);
  return (
    <div className="zg-limit-use" data-testid="limit-use">
      <Amount fen={l.daily} />
      <Progress percent={percent} size="small" showInfo={false} status={percent >= 90 ? 'exception' : 'normal'} aria-label={t('rules.usedOf', { used: formatFen(used), daily: formatFen(l.daily) })} />
      <span className="zg-muted zg-small">{t('rules.usedToday', { used: formatFen(used), left: formatFen(l.left_today ?? 0) })}</span>
    </div>
  );
}

function SetBy({ tenantId, limit }: { tenantId: string | undefined; limit: Limit }) {
  return (
    <div className="zg-cell zg-small">
      <div><Actor actor={limit.set_by} tenant={tenantId} /></div>
      <div className="zg-muted"><BeijingTime at={limit.set_at} /></div>
    </div>
  );
}

function LimitActions({ tenantId, limit, name, onEdit }: { tenantId: string | undefined; limit: Limit; name: string; onEdit: () => void }) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const set = useSetLimit(tenantId);
  const remove = () =>
    void modal.confirm({
      title: t('rules.removeTitle', { scope: name }),
      content: t('rules.removeHint'),
      okText: t('rules.remove'),
      cancelText: t('common.cancel'),
      okButtonProps: { danger: true },
      onOk: () =>
        set
          .mutateAsync(limitRequest({ ...limitDraft(limit), single: '', daily: '' }))
          .then(() => void message.success(t('rules.removed')))
          .catch((error: unknown) => void message.error(errorSentence(t, asApiError(error)))),
    });
  return (
    <span className="zg-row zg-row-end">
      <Button size="small" onClick={onEdit}>{t('common.edit')}</Button>
      <Button size="small" danger onClick={remove}>{t('rules.remove')}</Button>
    </span>
  );
}
