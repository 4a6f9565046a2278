import { DownloadOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ExportKind } from '@/lib/exports';
import { useMay } from '@/lib/permissions';

// Loaded when it is opened: a list is read far more often than it is exported.
const ExportDialog = lazy(() => import('./ExportDialog'));

/** Has the list written to a file, with its filters and the columns that are wanted. */
export function ExportButton({ kind, query, label }: { kind: ExportKind; query: Record<string, unknown>; label?: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const [open, setOpen] = useState(false);
  if (!may('exports:create')) return null;
  return (
    <>
      <Button icon={<DownloadOutlined aria-hidden="true" />} onClick={() => setOpen(true)} data-testid={`export-${kind}`}>{label ?? t('exports.export')}</Button>
      {open && <Suspense fallback={null}><ExportDialog kind={kind} query={query} onClose={() => setOpen(false)} /></Suspense>}
    </>
  );
}
