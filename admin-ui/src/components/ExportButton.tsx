import { DownloadOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ExportKind } from '@/lib/exports';
import { useMay } from '@/lib/permissions';
import { lazyWithWords } from '@/lib/words';
import { useVisibleColumns } from './columnLayout';
import type { ExportDialogProps } from './ExportDialog';

// Loaded when it is opened: a list is read far more often than it is exported.
const ExportDialog = lazyWithWords<ExportDialogProps>('lists', () => import('./ExportDialog'));

interface Props {
  kind: ExportKind;
  query: Record<string, unknown>;
  label?: string;
  /** Which columns of the file each column of the list is. */
  columns?: Record<string, string[]>;
}

/** Has the list written to a file, with its filters and the columns that it shows. */
export function ExportButton({ kind, query, label, columns }: Props) {
  const { t } = useTranslation();
  const may = useMay();
  const visible = useVisibleColumns();
  const [open, setOpen] = useState(false);
  if (!may('exports:create')) return null;
  const shown = columns && visible?.flatMap((key) => columns[key] ?? []);
  return (
    <>
      <Button icon={<DownloadOutlined aria-hidden="true" />} onClick={() => setOpen(true)} data-testid={`export-${kind}`}>{label ?? t('exports.export')}</Button>
      {open && <Suspense fallback={null}><ExportDialog kind={kind} query={query} shown={shown} onClose={() => setOpen(false)} /></Suspense>}
    </>
  );
}
