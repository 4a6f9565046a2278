import { useTranslation } from 'react-i18next';
import { inLanguage } from '@/lib/schema';
import type { RowError } from './api';

/** What is wrong in a file: the row, the column, and a sentence. */
export function RowErrors({ errors }: { errors: RowError[] }) {
  const { t, i18n } = useTranslation();
  return (
    <div className="zg-grid-scroll" role="group" aria-label={t('billImport.errors')} tabIndex={0}>
      <table className="zg-sides" data-testid="row-errors">
        <thead>
          <tr>
            <th scope="col">{t('billImport.cols.row')}</th>
            <th scope="col">{t('billImport.cols.column')}</th>
            <th scope="col">{t('billImport.cols.wrong')}</th>
          </tr>
        </thead>
        <tbody>
          {errors.map((e, i) => (
            <tr key={`${e.row} ${e.column} ${e.code} ${i}`}>
              <th scope="row" className="zg-figures">{e.row > 0 ? e.row : t('billImport.wholeFile')}</th>
              <td>{e.column || <span className="zg-muted">{t('common.none')}</span>}</td>
              <td>{inLanguage(e.message, i18n.language)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
