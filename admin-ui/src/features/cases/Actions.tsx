import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Assign } from '@/components/Assign';
import { errorSentence } from '@/components/ErrorSentence';
import { asApiError } from '@/lib/api/error';
import { type Permission, useMay } from '@/lib/permissions';
import { type Case, type CaseDetail, inDoubt, useAskCases, useAssign } from './api';
import { CloseDialog } from './CloseDialog';
import { ResolveDialog } from './ResolveDialog';

/** What can be done about an open case, by whoever may. */
export function Actions({ detail: d }: { detail: CaseDetail }) {
  const { t } = useTranslation();
  const may = useMay();
  const assign = useAssign(d.case);
  const [dialog, setDialog] = useState<'resolve' | 'close' | null>(null);
  const doubt = inDoubt(d.case.kind);
  const waiting = d.resolutions.some((r) => r.state === 'pending');
  const maySync = may(syncOf(d.case));
  if (!d.case.open) return null;
  return (
    <>
      {may('cases:assign') && <Assign tenantId={d.case.tenant_id} owner={d.case.owner} assign={assign} />}
      {doubt && d.askable && maySync && <Ask value={d.case} />}
      {doubt && !waiting && may('cases:resolve') && <Button type="primary" onClick={() => setDialog('resolve')}>{t('cases.resolve')}</Button>}
      {!doubt && may('cases:close') && <Button type="primary" onClick={() => setDialog('close')}>{t('cases.close')}</Button>}
      <ResolveDialog detail={d} open={dialog === 'resolve'} onClose={() => setDialog(null)} />
      <CloseDialog value={d.case} open={dialog === 'close'} onClose={() => setDialog(null)} />
    </>
  );
}

/** The right to ask the provider about what a case is about. */
export function syncOf(c: Case): Permission {
  return c.object_kind === 'refund' ? 'refunds:sync' : c.object_kind === 'payout' ? 'payouts:sync' : 'payments:sync';
}

/** Asks the provider now, and says what came of it. */
export function Ask({ value, small }: { value: Case; small?: boolean }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const ask = useAskCases();
  const go = () =>
    ask.mutate(value, {
      onSuccess: (d) => void message.info(t(d.case.open ? 'cases.askedStill' : 'cases.askedEnded')),
      onError: (error) => void message.error(errorSentence(t, asApiError(error))),
    });
  return <Button onClick={go} loading={ask.isPending} size={small ? 'small' : undefined}>{t('orders.sync')}</Button>;
}
