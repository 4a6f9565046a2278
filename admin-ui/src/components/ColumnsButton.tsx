import { SettingOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { usePhone } from '@/lib/viewport';
import { lazyWithWords } from '@/lib/words';
import { type ColumnLayout, COLUMNS_PARAM } from './columnLayout';
import type { ColumnsDialogProps } from './ColumnsDialog';

const ColumnsDialog = lazyWithWords<ColumnsDialogProps>('lists', () => import('./ColumnsDialog'));

/** Opens the choice of a list's columns. A phone shows cards, which have none. */
export function ColumnsButton<Row>({ layout }: { layout: ColumnLayout<Row> }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [search] = useSearchParams();
  if (usePhone() || layout.choices.length < 2) return null;
  return (
    <>
      <Button icon={<SettingOutlined aria-hidden="true" />} disabled={layout.pending} onClick={() => setOpen(true)} data-testid="columns">{t('common.columns')}</Button>
      {open && (
        <Suspense fallback={null}>
          <ColumnsDialog {...layout} ofView={search.has(COLUMNS_PARAM)} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
