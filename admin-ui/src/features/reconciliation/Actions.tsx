import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Assign } from '@/components/Assign';
import { errorSentence } from '@/components/ErrorSentence';
import { asApiError } from '@/lib/api/error';
import { useMay } from '@/lib/permissions';
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
  const assign = useAssign(d);
  const close = () => setDialog(null);
  const resolve = may('reconciliation:resolve');
  const open = d.state === 'open';
  return (
    <>
      {waits(d) && resolve && <Assign tenantId={d.tenant_id} owner={d.owner} assign={assign} />}
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
