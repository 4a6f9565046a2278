import { App, Button, Dropdown } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { errorSentence } from '@/components/ErrorSentence';
import { asApiError } from '@/lib/api/error';
import { useMay } from '@/lib/permissions';
import { useActors } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { type Case, type CaseDetail, inDoubt, useAsk, useAssign } from './api';
import { CloseDialog } from './CloseDialog';
import { ResolveDialog } from './ResolveDialog';

/** What can be done about an open case, by whoever may. */
export function Actions({ detail: d }: { detail: CaseDetail }) {
  const { t } = useTranslation();
  const may = useMay();
  const [dialog, setDialog] = useState<'resolve' | 'close' | null>(null);
  const doubt = inDoubt(d.case.kind);
  const waiting = d.resolutions.some((r) => r.state === 'pending');
  const maySync = may(d.case.object_kind === 'refund' ? 'refunds:sync' : 'payments:sync');
  if (!d.case.open) return null;
  return (
    <>
      {may('cases:assign') && <Assign value={d.case} />}
      {doubt && d.askable && maySync && <Ask value={d.case} />}
      {doubt && !waiting && may('cases:resolve') && <Button type="primary" onClick={() => setDialog('resolve')}>{t('cases.resolve')}</Button>}
      {!doubt && may('cases:close') && <Button type="primary" onClick={() => setDialog('close')}>{t('cases.close')}</Button>}
      <ResolveDialog detail={d} open={dialog === 'resolve'} onClose={() => setDialog(null)} />
      <CloseDialog value={d.case} open={dialog === 'close'} onClose={() => setDialog(null)} />
    </>
  );
}

function Ask({ value }: { value: Case }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const ask = useAsk(value);
  const go = () =>
    ask.mutate(undefined, {
      onSuccess: (d) => void message.info(t(d.case.open ? 'cases.askedStill' : 'cases.askedEnded')),
      onError: (error) => void message.error(errorSentence(t, asApiError(error))),
    });
  return <Button onClick={go} loading={ask.isPending}>{t('orders.sync')}</Button>;
}

/** Gives the case to oneself, to somebody else, or to nobody. */
function Assign({ value: c }: { value: Case }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { me } = useSession();
  const assign = useAssign(c);
  const own = `user:${me.user?.id}`;
  const others = (useActors(c.tenant_id).data ?? []).filter((a) => a.active && a.actor.startsWith('user:') && a.actor !== own);
  const items = [
    ...(me.user && c.owner !== own ? [{ key: own, label: t('cases.assignMe') }] : []),
    ...others.map((a) => ({ key: a.actor, label: a.name })),
    ...(c.owner ? [{ key: '', label: t('cases.assignNobody') }] : []),
  ];
  const choose = ({ key }: { key: string }) =>
    assign.mutate(key ? key.slice('user:'.length) : undefined, { onError: (error) => void message.error(errorSentence(t, asApiError(error))) });
  return (
    <Dropdown menu={{ items, onClick: choose }} trigger={['click']}>
      <Button loading={assign.isPending} data-testid="assign">{t('cases.assign')}</Button>
    </Dropdown>
  );
}
