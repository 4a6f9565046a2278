import { DeleteOutlined } from '@ant-design/icons';
import { Button, Input, Modal, Radio } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { PLAIN } from '@/lib/useFilters';
import { type KeptViews, MOST_NAME, type View, withFirst, withoutView, withView } from '@/lib/views';

export interface ManageViewsProps {
  kept: KeptViews;
  keep: (kept: KeptViews) => void;
  onClose: () => void;
}

/** Renames views, takes them away, and says which one the list opens with. */
export default function ManageViews({ kept, keep, onClose }: ManageViewsProps) {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const remove = (view: View) => {
    const next = withoutView(kept, view.id);
    keep(next);
    if (search.get('saved') === view.id) void navigate('.', { ...PLAIN, replace: true });
    if (next.views.length === 0) onClose();
  };
  return (
    <Modal open title={t('lists.manageViews')} footer={null} onCancel={onClose} width={520}>
      <div className="zg-stack-tight" data-testid="views-dialog">
        <p className="zg-muted">{t('lists.manageLead')}</p>
        <Radio.Group className="zg-views-list" aria-label={t('lists.opensWith')} value={kept.first ?? ''} onChange={(e) => keep(withFirst(kept, (e.target.value as string) || undefined))}>
          <div className="zg-spread"><span>{t('common.allRows')}</span><Radio value="" aria-label={t('lists.opensWithOf', { name: t('common.allRows') })}>{t('lists.opensWith')}</Radio></div>
          {kept.views.map((view) => (
            <div key={view.id} className="zg-spread">
              <Name view={view} taken={(name) => kept.views.some((v) => v.id !== view.id && v.name === name)} onChange={(name) => keep(withView(kept, { ...view, name }, kept.first === view.id))} />
              <span className="zg-row">
                <Radio value={view.id} aria-label={t('lists.opensWithOf', { name: view.name })}>{t('lists.opensWith')}</Radio>
                <Button type="text" danger size="small" icon={<DeleteOutlined aria-hidden="true" />} aria-label={t('lists.removeView', { name: view.name })} onClick={() => remove(view)} />
              </span>
            </div>
          ))}
        </Radio.Group>
        <div className="zg-actions zg-actions-end"><Button type="primary" onClick={onClose}>{t('common.done')}</Button></div>
      </div>
    </Modal>
  );
}

/** A view's name, kept when one leaves the field. */
function Name({ view, taken, onChange }: { view: View; taken: (name: string) => boolean; onChange: (name: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(view.name);
  const commit = () => {
    const name = text.trim();
    if (name === '' || taken(name)) setText(view.name);
    else if (name !== view.name) onChange(name);
  };
  return <Input value={text} status={taken(text.trim()) ? 'error' : undefined} onChange={(e) => setText(e.target.value)} onBlur={commit} onPressEnter={commit} maxLength={MOST_NAME} aria-label={t('lists.nameOf', { name: view.name })} />;
}
