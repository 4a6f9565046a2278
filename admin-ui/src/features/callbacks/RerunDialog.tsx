import { Button, Form, Input, Modal, Select } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BeijingTime } from '@/components/BeijingTime';
import { ErrorSentence } from '@/components/ErrorSentence';
import { ObjectLink } from '@/components/ObjectLink';
import { CallbackEffect } from '@/components/states';
import type { Schemas } from '@/lib/api/client';
import { addDays, beijingDay, dayEnd, dayStart, isDay } from '@/lib/beijing';
import { effects, useRerunRange } from './api';

/** Has the callbacks of some days read again, and tells what became of each. */
export function RerunDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const rerun = useRerunRange();
  return (
    <Modal open title={t('callbacks.rerunRange')} footer={null} onCancel={() => !rerun.isPending && onClose()} mask={{ closable: false }}>
      {rerun.data ? (
        <Summary rows={rerun.data.items} more={rerun.data.more} busy={rerun.isPending} onMore={(from) => rerun.mutate({ ...rerun.variables!, from })} onClose={onClose} />
      ) : (
        <Range busy={rerun.isPending} error={rerun.error} onRun={rerun.mutate} onClose={onClose} />
      )}
    </Modal>
  );
}

function Range({ busy, error, onRun, onClose }: { busy: boolean; error: unknown; onRun: (request: Schemas['RerunCallbacksRequest']) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [today] = useState(() => beijingDay(Date.now()));
  const [from, setFrom] = useState(() => addDays(today, -1));
  const [to, setTo] = useState(today);
  const [chosen, setChosen] = useState<Schemas['CallbackEffect'][]>(['failed', 'received']);
  const ids = { from: useId(), to: useId(), effects: useId() };
  const submit = () => {
    if (isDay(from) && isDay(to)) onRun({ from: dayStart(from), to: dayEnd(to), effects: chosen });
  };
  return (
    <Form layout="vertical" requiredMark={false} onFinish={submit} data-testid="rerun-form">
      <p className="zg-muted zg-modal-lead">{t('callbacks.rerunHint')}</p>
      <div className="zg-pair">
        <Form.Item label={t('common.from')} htmlFor={ids.from}><Input id={ids.from} type="date" value={from} max={to} onChange={(e) => setFrom(e.target.value)} required /></Form.Item>
        <Form.Item label={t('common.to')} htmlFor={ids.to}><Input id={ids.to} type="date" value={to} min={from} onChange={(e) => setTo(e.target.value)} required /></Form.Item>
      </div>
      <Form.Item label={t('callbacks.effect')} htmlFor={ids.effects}>
        <Select id={ids.effects} mode="multiple" value={chosen} onChange={setChosen} options={effects.map((e) => ({ value: e, label: t(`states.effect.${e}`) }))} />
      </Form.Item>
      {Boolean(error) && <Form.Item><ErrorSentence error={error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose} disabled={busy}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={busy} disabled={chosen.length === 0}>{t('callbacks.rerun')}</Button>
      </div>
    </Form>
  );
}

function Summary({ rows, more, busy, onMore, onClose }: { rows: Schemas['RerunRow'][]; more: boolean; busy: boolean; onMore: (from: string) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const changed = rows.filter((r) => r.after !== r.before).length;
  const last = rows.at(-1);
  return (
    <div className="zg-stack-tight" data-testid="rerun-summary">
      <p role="status">{t('callbacks.rerunResult', { count: rows.length, changed })}</p>
      <ul className="zg-cards">
        {rows.map((r) => (
          <li key={r.callback_id} className="zg-cards-item">
            <div>
              <span className="zg-spread"><BeijingTime at={r.received_at} /><CallbackEffect value={r.after} /></span>
              <span className="zg-spread zg-small"><ObjectLink id={r.callback_id} />{r.code && <span className="zg-tone-bad">{t(`errors.${r.code}`, { defaultValue: r.code })}</span>}</span>
            </div>
          </li>
        ))}
      </ul>
      <div className="zg-actions zg-actions-end">
        {more && last && <Button loading={busy} onClick={() => onMore(last.received_at)}>{t('callbacks.rerunMore')}</Button>}
        <Button type="primary" onClick={onClose}>{t('common.done')}</Button>
      </div>
    </div>
  );
}
