import { Button, Progress } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Bulk } from '@/lib/bulk';
import { errorDetail, errorSentence } from './ErrorSentence';
import { StatusTag } from './StatusTag';

interface Props<Row, Answer> {
  bulk: Bulk<Row, Answer>;
  rowKey: (row: Row) => string;
  /** What a row is. */
  what: (row: Row) => ReactNode;
  /** What became of a row that was answered. */
  outcome: (answer: Answer) => ReactNode;
  onClose: () => void;
}

/** How far a bulk action is, and what became of each row: done, refused and why, or not known. */
export function BulkSummary<Row, Answer>({ bulk, rowKey, what, outcome, onClose }: Props<Row, Answer>) {
  const { t, i18n } = useTranslation();
  const { tasks, done, refused, unknown, running } = bulk;
  const over = done.length + refused.length + unknown.length;
  const open = tasks.length - done.length - refused.length;
  return (
    <div className="zg-stack-tight" data-testid="bulk-summary" data-done={!running}>
      <Progress percent={Math.round((100 * over) / tasks.length)} status={running ? 'active' : unknown.length > 0 ? 'exception' : 'normal'} showInfo={false} aria-label={t('lists.bulkProgress')} />
      <p role="status">{t('lists.bulkResult', { all: tasks.length, done: done.length, refused: refused.length, unknown: unknown.length })}</p>
      <ul className="zg-cards zg-bulk-list">
        {tasks.map((task) => (
          <li key={rowKey(task.row)} className="zg-cards-item">
            <div>
              <span className="zg-spread">
                <span>{what(task.row)}</span>
                {task.answer !== undefined && outcome(task.answer)}
                {task.error && <StatusTag tone={task.error.inDoubt ? 'unknown' : 'bad'}>{t(task.error.inDoubt ? 'lists.bulkUnknown' : 'lists.bulkRefused')}</StatusTag>}
                {task.answer === undefined && !task.error && <StatusTag tone="waiting">{t('lists.bulkWaiting')}</StatusTag>}
              </span>
              {task.error && <span className="zg-tone-bad zg-small">{errorSentence(t, task.error)} {errorDetail(task.error, i18n.language)}</span>}
            </div>
          </li>
        ))}
      </ul>
      {!running && unknown.length > 0 && <p className="zg-muted zg-small">{t('lists.bulkAgainHint')}</p>}
      <div className="zg-actions zg-actions-end">
        {running && <Button onClick={bulk.stop}>{t('lists.bulkStop')}</Button>}
        {!running && open > 0 && <Button onClick={() => void bulk.run()}>{t('lists.bulkAgain', { count: open })}</Button>}
        <Button type="primary" onClick={onClose} disabled={running}>{t('common.done')}</Button>
      </div>
    </div>
  );
}
