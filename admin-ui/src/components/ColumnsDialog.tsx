import { Alert, Button, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Choice } from '@/lib/columns';
import { ColumnChoices } from './ColumnChoices';
import { ErrorSentence } from './ErrorSentence';

export interface ColumnsDialogProps {
  choices: Choice[];
  label: (name: string) => string;
  change: (choices: Choice[]) => void;
  reset: () => void;
  changed: boolean;
  /** Whether they belong to the view that is looked at, not to the list. */
  ofView: boolean;
  error: unknown;
  onClose: () => void;
}

/** Hides, shows and moves a list's columns; each change shows at once in the list behind. */
export default function ColumnsDialog({ choices, label, change, reset, changed, ofView, error, onClose }: ColumnsDialogProps) {
  const { t } = useTranslation();
  const choose = (next: Choice[]) => {
    if (next.some((c) => c.on)) change(next);
  };
  return (
    <Modal open title={t('lists.columns')} footer={null} onCancel={onClose} width={420}>
      <div className="zg-stack-tight" data-testid="columns-dialog">
        <p className="zg-muted">{t(ofView ? 'lists.columnsOfView' : 'lists.columnsLead')}</p>
        {Boolean(error) && <ErrorSentence error={error} />}
        <ColumnChoices title={t('lists.columns')} choices={choices} label={label} onChange={choose} />
        {choices.filter((c) => c.on).length === 1 && <Alert type="info" showIcon title={t('lists.oneColumn')} />}
        <div className="zg-actions zg-actions-end">
          <Button onClick={reset} disabled={!changed}>{t('lists.resetColumns')}</Button>
          <Button type="primary" onClick={onClose}>{t('common.done')}</Button>
        </div>
      </div>
    </Modal>
  );
}
