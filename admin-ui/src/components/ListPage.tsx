import { ReloadOutlined } from '@ant-design/icons';
import { Button, Skeleton, type TableColumnsType } from 'antd';
import { Suspense, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useNavigate, useSearchParams } from 'react-router';
import { isFiltered } from '@/lib/useFilters';
import { usePhone } from '@/lib/viewport';
import { lazyWithWords } from '@/lib/words';
import { useColumnLayout, VisibleColumns } from './columnLayout';
import { ColumnsButton } from './ColumnsButton';
import { EmptyState } from './EmptyState';
import { ErrorSentence } from './ErrorSentence';
import type { NothingFoundProps } from './NothingFound';
import { PageHead } from './PageHead';
import { Choose, RowsTable, type Selection, type Sorts } from './RowsTable';
import { useFirstView, useViews, ViewsBar } from './Views';

const NothingFound = lazyWithWords<NothingFoundProps>('lists', () => import('./NothingFound'));

/** The parts of a query that a list shows. */
export interface ListQuery<Row> {
  data?: { items: Row[]; nextCursor?: string };
  error: unknown;
  isPending: boolean;
  isFetching: boolean;
  refetch: () => unknown;
}

interface ListBodyProps<Row> {
  title: string;
  query: ListQuery<Row>;
  columns: TableColumnsType<Row>;
  rowKey: (row: Row) => string;
  /** Where a row leads to, if anywhere. */
  rowLink?: (row: Row) => string | undefined;
  /** Rows that can be chosen, for doing the same to several. */
  selection?: Selection<Row>;
  /** The columns that it can be ordered by. */
  sorts?: Sorts;
  /** The row on a phone, where a table has no room. */
  card: (row: Row) => ReactNode;
  /** What it says before there is anything. */
  empty: { title: string; hint?: string; action?: ReactNode };
  /** What it says when the filters of the address leave nothing over, and what they are called. */
  nothing?: NothingFoundProps;
}

interface ListPageProps<Row> extends ListBodyProps<Row> {
  /** Under which this person's columns are kept: in kebab case, no other list's, and never changed. */
  name: string;
  lead?: ReactNode;
  actions?: ReactNode;
  filters?: ReactNode;
}

/** A list: filters above, rows in the columns that are wanted, cursor pages below; the page stands in the URL. */
export function ListPage<Row extends object>(props: ListPageProps<Row>) {
  const { t } = useTranslation();
  const layout = useColumnLayout(props.name, props.columns);
  const views = useViews(props.name);
  useFirstView(views);
  const visible = layout.columns.map((c) => String(c.key));
  return (
    <VisibleColumns value={visible}>
      <div className="zg-page">
        <PageHead
          title={props.title}
          lead={props.lead}
          actions={
            <>
              <Button icon={<ReloadOutlined aria-hidden="true" spin={props.query.isFetching} />} onClick={() => void props.query.refetch()}>
                {t('common.refresh')}
              </Button>
              <ColumnsButton layout={layout} />
              {props.actions}
            </>
          }
        />
        <ViewsBar views={views} columns={layout.changed ? layout.choices.filter((c) => c.on).map((c) => c.name) : undefined} />
        {props.filters && <section className="zg-filters" aria-label={t('common.filters')}>{props.filters}</section>}
        {/* Drawn once: not in all columns first, and then in those that are wanted. */}
        <ListBody {...props} columns={layout.columns} query={layout.pending ? { ...props.query, data: undefined, isPending: !props.query.error } : props.query} />
      </div>
    </VisibleColumns>
  );
}

/** The rows of a list alone, for a list inside another page. */
export function ListBody<Row extends object>(props: ListBodyProps<Row>) {
  const { query, empty, nothing } = props;
  const [search] = useSearchParams();
  if (query.error && !query.data) return <ErrorSentence error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) {
    return (
      <div className="zg-card zg-card-pad" aria-busy="true">
        <Skeleton active paragraph={{ rows: 8 }} title={false} />
      </div>
    );
  }
  const rows = query.data?.items ?? [];
  if (rows.length === 0) {
    return (
      <div className="zg-card">
        {nothing && isFiltered(search, nothing.elsewhere?.key) ? <Suspense fallback={<Skeleton active />}><NothingFound {...nothing} /></Suspense> : <EmptyState {...empty} />}
        <Pager nextCursor={undefined} />
      </div>
    );
  }
  return (
    <div className="zg-card">
      {Boolean(query.error) && <ErrorSentence error={query.error} onRetry={() => void query.refetch()} />}
      <Rows {...props} rows={rows} />
      <Pager nextCursor={query.data?.nextCursor} />
    </div>
  );
}

function Rows<Row extends object>({ rows, columns, rowKey, rowLink, selection, sorts, card, title }: Omit<ListBodyProps<Row>, 'query' | 'empty'> & { rows: Row[] }) {
  if (!usePhone()) return <RowsTable title={title} columns={columns} rows={rows} rowKey={rowKey} rowLink={rowLink} selection={selection} sorts={sorts} />;
  return (
    <ul className="zg-cards" aria-label={title}>
      {rows.map((row) => (
        <li key={rowKey(row)} className={selection ? 'zg-cards-item zg-cards-chosen' : 'zg-cards-item'}>
          {selection && <Choose row={row} rowKey={rowKey(row)} selection={selection} />}
          {card(row)}
        </li>
      ))}
    </ul>
  );
}

function Pager({ nextCursor }: { nextCursor?: string }) {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const location = useLocation();
  const depth = (location.state as { depth?: number } | null)?.depth ?? 0;
  const cursor = search.get('cursor');
  if (!cursor && !nextCursor) return null;

  const older = () => {
    const next = new URLSearchParams(search);
    next.set('cursor', nextCursor!);
    setSearch(next, { state: { depth: depth + 1 } });
    window.scrollTo({ top: 0 });
  };
  const newest = () => {
    const next = new URLSearchParams(search);
    next.delete('cursor');
    setSearch(next);
  };
  return (
    <nav className="zg-pager" aria-label={t('common.pages')}>
      <Button disabled={!cursor} onClick={newest}>{t('common.firstPage')}</Button>
      <Button disabled={!cursor} onClick={() => (depth > 0 ? void navigate(-1) : newest())}>{t('common.previousPage')}</Button>
      <Button disabled={!nextCursor} onClick={older}>{t('common.nextPage')}</Button>
    </nav>
  );
}
