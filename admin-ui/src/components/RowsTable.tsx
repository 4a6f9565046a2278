import { CaretDownOutlined, CaretUpOutlined } from '@ant-design/icons';
import { Checkbox, type TableColumnsType } from 'antd';
import type { MouseEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useFilters } from '@/lib/useFilters';

export interface Selection<Row> {
  keys: string[];
  onChange: (keys: string[]) => void;
  selectable: (row: Row) => boolean;
  /** What the box beside a row says to who cannot see it. */
  label: (row: Row) => string;
}

/** The orders of a column as the address names them: the greatest or latest first, and the other way round. The list is in the usual one where the address names none. */
export interface Sorts {
  usual: string;
  of: Record<string, readonly [descending: string, ascending: string]>;
}

interface Props<Row> {
  title: string;
  columns: TableColumnsType<Row>;
  rows: Row[];
  rowKey: (row: Row) => string;
  rowLink?: (row: Row) => string | undefined;
  selection?: Selection<Row>;
  sorts?: Sorts;
}

/** The rows of a list as a plain table. antd's own does far more than a list of ours needs, and weighs 50 kB. */
export function RowsTable<Row extends object>({ title, columns, rows, rowKey, rowLink, selection, sorts }: Props<Row>) {
  const sorted = useSorted(sorts);
  return (
    <div className="zg-table-wrap">
      <table className={columns.some((c) => c.ellipsis) ? 'zg-table zg-table-fixed' : 'zg-table'} aria-label={title}>
        <colgroup>
          {selection && <col style={{ width: 48 }} />}
          {columns.map((c) => <col key={String(c.key)} style={c.width ? { width: c.width } : undefined} />)}
        </colgroup>
        <thead>
          <tr>
            {selection && <th scope="col"><ChooseAll rows={rows} rowKey={rowKey} selection={selection} /></th>}
            {columns.map((c) => {
              const key = String(c.key);
              const both = sorts?.of[key];
              if (both) return <SortedBy key={key} className={cellClass(c)} title={c.title as ReactNode} both={both} {...sorted} />;
              return <th key={key} scope="col" className={cellClass(c)}>{c.title as ReactNode}</th>;
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <TableRow key={rowKey(row)} id={rowKey(row)} to={rowLink?.(row)}>
              {selection && <td><Choose row={row} rowKey={rowKey(row)} selection={selection} /></td>}
              {columns.map((c) => <td key={String(c.key)} className={cellClass(c)}>{c.render?.(undefined, row, i) as ReactNode}</td>)}
            </TableRow>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The order that the address names, and how to have another. */
function useSorted(sorts: Sorts | undefined): { now: string | undefined; sort: (by: string) => void } {
  const { search, change } = useFilters();
  const known = Object.values(sorts?.of ?? {}).flat();
  return { now: known.find((s) => s === search.get('sort')) ?? sorts?.usual, sort: (by) => change({ sort: by === sorts?.usual ? undefined : by }) };
}

interface SortedByProps {
  className?: string;
  title: ReactNode;
  both: readonly [descending: string, ascending: string];
  now: string | undefined;
  sort: (by: string) => void;
}

/** The heading of a column that the list can be ordered by; a click on the one that it is ordered by turns it round. */
function SortedBy({ className, title, both: [descending, ascending], now, sort }: SortedByProps) {
  const Sign = now === ascending ? CaretUpOutlined : CaretDownOutlined;
  return (
    <th scope="col" className={className} aria-sort={now === descending ? 'descending' : now === ascending ? 'ascending' : undefined}>
      <button type="button" className="zg-sort" onClick={() => sort(now === descending ? ascending : descending)}>
        {title}
        <Sign aria-hidden="true" />
      </button>
    </th>
  );
}

function cellClass(column: { align?: string; ellipsis?: unknown }): string | undefined {
  const classes = [column.align === 'right' && 'zg-table-right', Boolean(column.ellipsis) && 'zg-table-short'].filter(Boolean);
  return classes.length > 0 ? classes.join(' ') : undefined;
}

/** The link inside a row is what the keyboard reaches; a click anywhere in it is a convenience. */
function TableRow({ id, to, children }: { id: string; to: string | undefined; children: ReactNode }) {
  const navigate = useNavigate();
  if (to === undefined) return <tr data-row-key={id}>{children}</tr>;
  const open = (event: MouseEvent<HTMLElement>) => {
    const target = event.target as HTMLElement;
    // What a row has opened, a menu or a dialog, lies elsewhere on the page, and its clicks come here too.
    if (!event.currentTarget.contains(target) || target.closest('a, button, input, label') || window.getSelection()?.toString()) return;
    void navigate(to);
  };
  return <tr data-row-key={id} className="zg-row-link" onClick={open}>{children}</tr>;
}

/** The box that chooses a row. */
export function Choose<Row>({ row, rowKey, selection }: { row: Row; rowKey: string; selection: Selection<Row> }) {
  const { keys, onChange, selectable, label } = selection;
  const toggle = (on: boolean) => onChange(on ? [...keys, rowKey] : keys.filter((key) => key !== rowKey));
  return <Checkbox checked={keys.includes(rowKey)} disabled={!selectable(row)} aria-label={label(row)} onChange={(e) => toggle(e.target.checked)} />;
}

/** The box that chooses every row of the page that can be chosen. */
function ChooseAll<Row>({ rows, rowKey, selection }: { rows: Row[]; rowKey: (row: Row) => string; selection: Selection<Row> }) {
  const { t } = useTranslation();
  const here = rows.filter(selection.selectable).map(rowKey);
  const chosen = here.filter((key) => selection.keys.includes(key)).length;
  const others = selection.keys.filter((key) => !here.includes(key));
  return (
    <Checkbox
      checked={here.length > 0 && chosen === here.length}
      indeterminate={chosen > 0 && chosen < here.length}
      disabled={here.length === 0}
      aria-label={t('common.chooseAll')}
      onChange={(e) => selection.onChange(e.target.checked ? [...others, ...here] : others)}
    />
  );
}
