import { Skeleton } from 'antd';
import { Suspense } from 'react';
import { useMay } from '@/lib/permissions';
import { lazyWithWords } from '@/lib/words';

interface NoticesProps {
  /** Whose messages: an order, a refund, a payout. */
  objectId: string;
  tenantId: string;
}

const NoticeList = lazyWithWords<NoticesProps>('developers', () => import('./NoticeList'));

/** What the merchant's programs were told of an object, for those who may see it. */
export function Notices(props: NoticesProps) {
  if (!useMay()('deliveries:read')) return null;
  return <Suspense fallback={<div className="zg-card zg-card-pad" aria-busy="true"><Skeleton active paragraph={{ rows: 2 }} title={false} /></div>}><NoticeList {...props} /></Suspense>;
}
