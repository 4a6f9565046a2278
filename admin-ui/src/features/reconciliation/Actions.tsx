import { App, Button, Dropdown } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { errorSentence } from '@/components/ErrorSentence';
import { asApiError } from '@/lib/api/error';
import { useMay } from '@/lib/permissions';
import { useActors } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { type Difference, type DifferenceDetail, useAsk, useAssign, waits } from './api';
import { LinkDialog } from './LinkDialog';
import { RemarkDialog } from './RemarkDialog';

type Dialog = 'accept' | 'correct' | 'reopen' | 'link';

/** What can be done about a difference, by whoever may. */
export function Actions({ detail: x }: { detail: DifferenceDetail }) {
  const { t } = useTranslation();
  const may = useMay();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const d = x.difference;
  const close = () => setDialog(null);
  const resolve = may('reconciliation:resolve');
  const open = d.state === 'open';
  return (
    <>
      {waits(d) && resolve && <Assign value={d} />}
      {open && resolve && x.askable && <Ask value={d} />}
      {open && resolve && d.kind === 'surplus' && <Button onClick={() => setDialog('link')}>{t('differences.link')}</Button>}
      {open && resolve && <Button type={x.correctable ? 'default' : 'primary'} onClick={() => setDialog('accept')}>{t('differences.accept')}</Button>}
      {open && x.correctable && may('reconciliation:correct') && <Button type="primary" onClick={() => setDialog('correct')}>{t('differences.correct')}</Button>}
      {(d.state === 'accepted' || d.state === 'linked') && resolve && <Button onClick={() => setDialog('reopen')}>{t('differences.reopen')}</Button>}
      {(['accept', 'correct', 'reopen'] as const).map((step) => <RemarkDialog key={step} detail={x} step={step} open={dialog === step} onClose={close} />)}
      <LinkDialog value={d} open={dialog === 'link'} onClose={close} />
    </>
  );
}

function Ask({ value }: { value: Difference }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const ask = useAsk(value);
  const go = () =>
    ask.mutate(undefined, {
      onSuccess: (d) => void message.info(t(waits(d) ? 'differences.askedStill' : 'differences.askedEnded')),
      onError: (error) => void message.error(errorSentence(t, asApiError(error))),
    });
  return <Button onClick={go} loading={ask.isPending}>{t('orders.sync')}</Button>;
}

/** Gives the difference to oneself, to somebody else, or to nobody. */
function Assign({ value: d }: { value: Difference }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { me } = useSession();
  const assign = useAssign(d);
  const own = `user:${me.user?.id}`;
  const others = (useActors(d.tenant_id).data ?? []).filter((a) => a.active && a.actor.startsWith('user:') && a.actor !== own);
  const items = [
    ...(me.user && d.owner !== own ? [{ key: own, label: t('cases.assignMe') }] : []),
    ...others.map((a) => ({ key: a.actor, label: a.name })),
    ...(d.owner ? [{ key: '', label: t('cases.assignNobody') }] : []),
  ];
  const choose = ({ key }: { key: string }) =>
    assign.mutate(key ? key.slice('user:'.length) : undefined, { onError: (error) => void message.error(errorSentence(t, asApiError(error))) });
  return (
    <Dropdown menu={{ items, onClick: choose }} trigger={['click']}>
      <Button loading={assign.isPending} data-testid="assign">{t('cases.assign')}</Button>
    </Dropdown>
  );
}
