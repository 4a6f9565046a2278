import { Alert, Button, Checkbox, Form, Input, Modal, Radio } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { newKey } from '@/lib/idempotency';
import { addressOf, type KeptViews, MOST_NAME, MOST_VIEWS, type View, viewSearch, withView } from '@/lib/views';

export interface SaveViewProps {
  kept: KeptViews;
  /** The view that the list was opened with, if any. */
  opened: View | undefined;
  columns: string[] | undefined;
  keep: (kept: KeptViews) => void;
  onClose: () => void;
}

/** Gives the present filters and columns a name, or puts them over the view they began with. */
export default function SaveView({ kept, opened, columns, keep, onClose }: SaveViewProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const full = kept.views.length >= MOST_VIEWS;
  const [over, setOver] = useState(opened !== undefined);
  const [name, setName] = useState('');
  const [first, setFirst] = useState(opened !== undefined && kept.first === opened.id);
  const [checked, setChecked] = useState(false);
  const trimmed = name.trim();
  const taken = kept.views.some((v) => v.name === trimmed);
  const wrong = over ? undefined : trimmed === '' ? 'lists.nameMissing' : taken ? 'lists.nameTaken' : undefined;
  const save = () => {
    setChecked(true);
    if (wrong || (!over && full)) return;
    const address = new URLSearchParams(search);
    if (columns && !address.has('cols')) address.set('cols', columns.join(','));
    const id = over && opened ? opened.id : newKey().slice(3, 11);
    const view = { id, name: over && opened ? opened.name : trimmed, search: viewSearch(address) };
    keep(withView(kept, view, first));
    void navigate(addressOf(view), { replace: true });
    onClose();
  };
  return (
    <Modal open title={t('lists.saveView')} footer={null} onCancel={onClose} width={440}>
      <Form layout="vertical" requiredMark={false} onFinish={save} data-testid="view-form">
        <p className="zg-muted zg-modal-lead">{t('lists.saveViewLead')}</p>
        {opened && (
          <Form.Item>
            <Radio.Group
              aria-label={t('lists.saveView')}
              value={over}
              onChange={(e) => setOver(e.target.value as boolean)}
              options={[{ value: true, label: t('lists.overView', { name: opened.name }) }, { value: false, label: t('lists.newView') }]}
              vertical
            />
          </Form.Item>
        )}
        {!over && full && <Form.Item><Alert type="warning" showIcon title={t('lists.viewsFull', { count: MOST_VIEWS })} /></Form.Item>}
        {!over && !full && (
          <Form.Item label={t('lists.viewName')} htmlFor="view-name" validateStatus={checked && wrong ? 'error' : undefined} help={checked && wrong ? t(wrong) : undefined}>
            <Input id="view-name" value={name} onChange={(e) => setName(e.target.value)} maxLength={MOST_NAME} placeholder={t('lists.viewNameExample')} autoFocus autoComplete="off" />
          </Form.Item>
        )}
        <Checkbox checked={first} onChange={(e) => setFirst(e.target.checked)}>{t('lists.firstView')}</Checkbox>
        <div className="zg-actions zg-actions-end">
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="primary" htmlType="submit" disabled={!over && full}>{t('common.save')}</Button>
        </div>
      </Form>
    </Modal>
  );
}
