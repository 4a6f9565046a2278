import { DownloadOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { errorSentence } from '@/components/ErrorSentence';
import { StatusTag, type Tone } from '@/components/StatusTag';
import type { Schemas } from '@/lib/api/client';
import { asApiError } from '@/lib/api/error';
import { saveFile } from '@/lib/download';
import { inLanguage } from '@/lib/schema';
import { csvFile, type RowError, useTemplate } from './batches';

const tones: Record<Schemas['PayoutBatchState'], Tone> = { invalid: 'bad', pending_approval: 'waiting', approved: 'good', rejected: 'over' };

export function BatchStatus({ value }: { value: Schemas['PayoutBatchState'] }) {
  const { t } = useTranslation();
  return <StatusTag tone={tones[value]} testId="batch-status">{t(`batches.states.${value}`)}</StatusTag>;
}

export function TemplateButton() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const template = useTemplate();
  const load = () => template.mutate(t('batches.templateName'), { onError: (error) => void message.error(errorSentence(t, asApiError(error))) });
  return <Button icon={<DownloadOutlined aria-hidden="true" />} onClick={load} loading={template.isPending} data-testid="template">{t('batches.template')}</Button>;
}

/** What a column of a file is called; the fields of one provider alone keep their names. */
function useColumnName(): (column: string) => string {
  const { t } = useTranslation();
  return (column) => (column ? t(`batches.columns.${column.replace('.', '_')}`, { defaultValue: column }) : t('batches.wholeRow'));
}

/** What is wrong in a file, line by line. */
export function RowErrors({ errors }: { errors: RowError[] }) {
  const { t, i18n } = useTranslation();
  const column = useColumnName();
  return (
    <div className="zg-grid-scroll" role="group" aria-label={t('batches.errors')} tabIndex={0}>
      <table className="zg-sides" data-testid="row-errors">
        <thead>
          <tr>
            <th scope="col">{t('batches.line')}</th>
            <th scope="col">{t('batches.column')}</th>
            <th scope="col">{t('batches.number')}</th>
            <th scope="col">{t('batches.wrong')}</th>
          </tr>
        </thead>
        <tbody>
          {errors.map((e, i) => (
            <tr key={`${e.row} ${e.column} ${e.code} ${i}`}>
              <th scope="row" className="zg-figures">{e.row}</th>
              <td>{column(e.column)}</td>
              <td className="zg-mono">{e.merchant_payout_no}</td>
              <td>{inLanguage(e.message, i18n.language)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The errors of a file that was checked and not kept, as a file to work through. */
export function useSaveErrors(): (errors: RowError[], fileName: string) => void {
  const { t, i18n } = useTranslation();
  const column = useColumnName();
  return (errors, fileName) =>
    saveFile(
      csvFile([
        [t('batches.line'), t('batches.column'), t('batches.number'), t('batches.wrong')],
        ...errors.map((e) => [String(e.row), column(e.column), e.merchant_payout_no, inLanguage(e.message, i18n.language)]),
      ]),
      t('batches.errorsName', { name: fileName.replace(/\.csv$/i, '') }),
    );
}
