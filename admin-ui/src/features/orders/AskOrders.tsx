import { Amount } from '@/components/Amount';
import { AskDialog } from '@/components/AskDialog';
import { PaymentStatus } from '@/components/states';
import type { Payment } from '@/lib/queries';
import { useSyncPayments } from './api';

export interface AskOrdersProps {
  payments: Payment[];
  onClose: () => void;
}

/** Asks the providers about several orders. */
export default function AskOrders({ payments, onClose }: AskOrdersProps) {
  const sync = useSyncPayments();
  return (
    <AskDialog
      rows={payments}
      ask={(payment) => sync.mutateAsync(payment)}
      rowKey={(p) => p.id}
      what={(p) => <><span className="zg-mono">{p.order_no}</span> <Amount fen={p.amount} /></>}
      outcome={(p) => <PaymentStatus value={p} />}
      onClose={onClose}
    />
  );
}
