import { Skeleton } from 'antd';
import type { ReactNode } from 'react';
import { ErrorSentence } from './ErrorSentence';
import { PageHead } from './PageHead';

interface DetailPageProps<Data> {
  title: string;
  back: { to: string; label: string };
  query: { data?: Data; error: unknown; isPending: boolean; refetch: () => unknown };
  lead?: (data: Data) => ReactNode;
  status?: (data: Data) => ReactNode;
  actions?: (data: Data) => ReactNode;
  children: (data: Data) => ReactNode;
}

/** One object at its own URL: loading, refused and shown look the same everywhere. */
export function DetailPage<Data>({ title, back, query, lead, status, actions, children }: DetailPageProps<Data>) {
  const { data } = query;
  return (
    <div className="zg-page zg-detail">
      <PageHead title={title} back={back} lead={data !== undefined && lead?.(data)} status={data !== undefined && status?.(data)} actions={data !== undefined && actions?.(data)} />
      {Boolean(query.error) && <ErrorSentence error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && !query.error && (
        <div className="zg-card zg-card-pad" aria-busy="true">
          <Skeleton active paragraph={{ rows: 10 }} />
        </div>
      )}
      {data !== undefined && children(data)}
    </div>
  );
}
