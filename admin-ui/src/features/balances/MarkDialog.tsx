import { App, Button, Form, Input, Modal, Select } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence } from '@/components/ErrorSentence';
import { fenToInput, parseYuan } from '@/lib/money';
import { type AccountBalances, channelName, useSetMark } from './api';

/** The amount under which people are told. */
export function MarkDialog({ value: a, open, onClose }: { value: AccountBalances; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal open={open} title={t('balances.setMark')} footer={null} onCancel={onClose} destroyOnHidden>
      <MarkForm value={a} onDone={onClose} />
    </Modal>
  );
}

// The largest mark the server takes.
const MOST = 999_999_999_999_999n;

function MarkForm({ value: a, onDone }: { value: AccountBalances; onDone: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const set = useSetMark(a);
  const channels = a.channels.filter((c) => c.figures.channel !== '');
  const markOf = (channel: string) => (channel === '' ? a.mark : channels.find((c) => c.figures.channel === channel)?.mark);
  const shown = (mark: number | undefined) => (mark ? fenToInput(mark) : '');
  const [channel, setChannel] = useState('');
  const [amount, setAmount] = useState(shown(markOf('')));
  const [checked, setChecked] = useState(false);
  const id = useId();
  const parsed = parseYuan(amount, MOST);
  const none = amount.trim() === '';
  const problem = none ? undefined : parsed.problem;
  const submit = () => {
    setChecked(true);
    if (problem || set.isPending) return;
    set.mutate({ channel: channel || undefined, amount: none ? undefined : parsed.fen }, {
      onSuccess: () => {
        void message.success(t(none ? 'balances.markRemoved' : 'balances.markSaved'));
        onDone();
      },
    });
  };
  return (
    <Form layout="vertical" onFinish={submit} requiredMark={false}>
      <p className="zg-muted zg-modal-lead">{t('balances.markHint')}</p>
      {channels.length > 1 && (
        <Form.Item label={t('balances.channel')} htmlFor={`${id}-channel`}>
          <Select
            id={`${id}-channel`} value={channel}
            onChange={(v) => { setChannel(v); setAmount(shown(markOf(v))); }}
            options={[{ value: '', label: t('balances.allChannels') }, ...channels.map((c) => ({ value: c.figures.channel, label: channelName(c.figures) }))]}
          />
        </Form.Item>
      )}
      <Form.Item label={t('balances.markAmount')} htmlFor={id} validateStatus={checked && problem ? 'error' : undefined} help={checked && problem ? t(`amount.${problem}`) : undefined}>
        <Input id={id} prefix="¥" inputMode="decimal" value={amount} onChange={(e) => setAmount(e.target.value)} maxLength={20} allowClear autoComplete="off" />
      </Form.Item>
      {set.error && <ErrorSentence error={set.error} />}
      <div className="zg-row zg-actions-end">
        <Button type="primary" htmlType="submit" loading={set.isPending}>{t('common.save')}</Button>
      </div>
    </Form>
  );
}
