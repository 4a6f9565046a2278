import { Alert, App, Button, Form, Input, Modal, Radio } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Amount } from '@/components/Amount';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { PaymentStatus, PayoutStatus, RefundStatus } from '@/components/states';
import type { Schemas } from '@/lib/api/client';
import { type Difference, useLink, useOrdersOf } from './api';
import { SideAmount } from './Sides';

/** Says which of our orders a surplus is: found by its number, chosen, and with how that is known. */
export function LinkDialog({ value, open, onClose }: { value: Difference; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const busy = useState(false);
  return (
    <Modal open={open} title={t('differences.linkTitle')} footer={null} onCancel={() => !busy[0] && onClose()} mask={{ closable: false }} destroyOnHidden>
      <LinkForm value={value} onClose={onClose} setBusy={busy[1]} />
    </Modal>
  );
}

function LinkForm({ value: d, onClose, setBusy }: { value: Difference; onClose: () => void; setBusy: (busy: boolean) => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const find = useOrdersOf(d.tenant_id);
  const link = useLink(d);
  const [number, setNumber] = useState('');
  const [chosen, setChosen] = useState('');
  const [remark, setRemark] = useState('');
  const [checked, setChecked] = useState(false);
  const [numberId, remarkId] = [useId(), useId()];
  const look = (text: string) => {
    setChosen('');
    if (text.trim()) find.mutate(text.trim(), { onSuccess: (found) => setChosen(only(found)) });
  };
  const submit = () => {
    setChecked(true);
    if (link.isPending || !chosen || remark.trim() === '') return;
    setBusy(true);
    link.mutate(
      { object_id: chosen, remark: remark.trim() },
      {
        onSuccess: () => {
          void message.info(t('differences.linkDone'));
          onClose();
        },
        onSettled: () => setBusy(false),
      },
    );
  };
  const unchosen = checked && !chosen ? t('differences.linkChoose') : undefined;
  const missing = checked && remark.trim() === '' ? t('cases.needed') : fieldError(t, link.error, '/remark');
  return (
    <Form layout="vertical" requiredMark={false} onFinish={submit} data-testid="link-form">
      <div className="zg-once zg-spread zg-modal-lead">
        <span className="zg-mono">{d.provider_number || d.number}</span>
        <SideAmount difference={d} side="theirs" />
      </div>
      <Form.Item><Alert type="info" showIcon role="note" title={t('differences.linkHint')} /></Form.Item>
      <Form.Item label={t('orders.anyNumber')} htmlFor={numberId} validateStatus={unchosen ? 'error' : undefined} help={unchosen}>
        <Input.Search id={numberId} value={number} onChange={(e) => setNumber(e.target.value)} onSearch={look} onPressEnter={(e) => e.preventDefault()} loading={find.isPending} maxLength={128} autoFocus />
      </Form.Item>
      {find.error && <Form.Item><ErrorSentence error={find.error} /></Form.Item>}
      {find.data && <Form.Item><Found found={find.data} number={number} chosen={chosen} onChoose={setChosen} /></Form.Item>}
      <Form.Item label={t('differences.remark')} htmlFor={remarkId} extra={t('differences.remarkHint')} validateStatus={missing ? 'error' : undefined} help={missing}>
        <Input.TextArea id={remarkId} rows={2} value={remark} onChange={(e) => setRemark(e.target.value)} maxLength={200} showCount aria-invalid={Boolean(missing)} />
      </Form.Item>
      {link.error && <Form.Item><ErrorSentence error={link.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose} disabled={link.isPending}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={link.isPending}>{t('differences.link')}</Button>
      </div>
    </Form>
  );
}

function only(found: Schemas['SearchResult']): string {
  const all = [...found.payments, ...found.refunds, ...found.payouts];
  return all.length === 1 ? all[0]!.id : '';
}

/** What was found under the number, to choose from. */
function Found({ found, number, chosen, onChoose }: { found: Schemas['SearchResult']; number: string; chosen: string; onChoose: (id: string) => void }) {
  const { t } = useTranslation();
  const options = [
    ...found.payments.map((p) => ({ value: p.id, label: <Order no={p.order_no} amount={p.amount} kind="pay" status={<PaymentStatus value={p} />} /> })),
    ...found.refunds.map((r) => ({ value: r.id, label: <Order no={r.refund_no} amount={r.amount} kind="ref" status={<RefundStatus value={r} />} /> })),
    ...found.payouts.map((p) => ({ value: p.id, label: <Order no={p.payout_no} amount={p.amount} kind="po" status={<PayoutStatus value={p} />} /> })),
  ];
  if (options.length === 0) return <p role="status">{t('top.searchNone', { number })}</p>;
  return <Radio.Group aria-label={t('differences.linkChoose')} value={chosen} onChange={(e) => onChoose(e.target.value as string)} options={options} vertical />;
}

function Order({ no, amount, kind, status }: { no: string; amount: number; kind: string; status: React.ReactNode }) {
  const { t } = useTranslation();
  return <span className="zg-row">{t(`objects.${kind}`)} <span className="zg-mono">{no}</span> <Amount fen={amount} /> {status}</span>;
}
