import { useTranslation } from 'react-i18next';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { StatusTag } from '@/components/StatusTag';
import { outcomeTone } from '@/components/states';
import type { Preview } from './api';
import { RowErrors } from './RowErrors';

/** What the beginning of a file says when it is read this way. */
export function PreviewTable({ preview: p }: { preview: Preview }) {
  const { t } = useTranslation();
  return (
    <div className="zg-stack-tight" data-testid="preview">
      <p className={p.errors.length > 0 ? 'zg-tone-bad' : 'zg-tone-good'} role="status">
        {p.errors.length > 0 ? t('billImport.previewErrors', { count: p.errors.length }) : t('billImport.previewFine', { count: p.lines.length, encoding: p.encoding })}
      </p>
      {p.errors.length > 0 && <RowErrors errors={p.errors} />}
      {p.lines.length > 0 && (
        <div className="zg-grid-scroll" role="group" aria-label={t('billImport.previewRows')} tabIndex={0}>
          <table className="zg-sides">
            <thead>
              <tr>
                {['row', 'kind', 'numbers', 'amount', 'fee', 'time', 'status'].map((c) => <th scope="col" key={c}>{t(`billImport.cols.${c}`)}</th>)}
              </tr>
            </thead>
            <tbody>
              {p.lines.map((l) => (
                <tr key={l.row}>
                  <th scope="row" className="zg-figures">{l.row}</th>
                  <td>{t(`reconciliation.movements.${l.kind}`, { defaultValue: l.kind })}</td>
                  <td className="zg-mono">{l.number}<div className="zg-muted zg-small">{l.provider_number}</div></td>
                  <td><Amount fen={l.amount} /></td>
                  <td>{l.fee !== undefined && <Amount fen={l.fee} />}</td>
                  <td><BeijingTime at={l.at} /></td>
                  <td><StatusTag tone={outcomeTone(l.outcome)}>{t(`timeline.outcomes.${l.outcome}`, { defaultValue: l.outcome })}</StatusTag></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
