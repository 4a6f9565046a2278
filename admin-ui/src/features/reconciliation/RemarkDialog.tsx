import { Alert, App, Button, Form, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { type DifferenceDetail, type Step, useStep } from './api';
import { SideAmount, SideState } from './Sides';

interface Props {
  detail: DifferenceDetail;
  step: Step;
  open: boolean;
  onClose: () => void;
}

/** Accepts a difference, has our order corrected, or takes the end back: always with a remark. */
export function RemarkDialog({ detail, step, open, onClose }: Props) {
  const { t } = useTranslation();
  const busy = useState(false);
  return (
    <Modal open={open} title={t(`differences.steps.${step}.title`)} footer={null} onCancel={() => !busy[0] && onClose()} mask={{ closable: false }} destroyOnHidden>
      <RemarkForm detail={detail} step={step} onClose={onClose} setBusy={busy[1]} />
    </Modal>
  );
}

function RemarkForm({ detail: x, step, onClose, setBusy }: Omit<Props, 'open'> & { setBusy: (busy: boolean) => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const take = useStep(x.difference, step);
  const [remark, setRemark] = useState('');
  const [checked, setChecked] = useState(false);
  const id = useId();
  const missing = checked && remark.trim() === '' ? t('cases.needed') : fieldError(t, take.error, '/remark');
  const submit = () => {
    setChecked(true);
    if (take.isPending || remark.trim() === '') return;
    setBusy(true);
    take.mutate(remark.trim(), {
      onSuccess: () => {
        void message.info(t(`differences.steps.${step}.done`));
        onClose();
      },
      onSettled: () => setBusy(false),
    });
  };
  return (
    <Form layout="vertical" requiredMark={false} onFinish={submit} data-testid={`${step}-form`}>
      {step === 'correct' && <Becomes detail={x} />}
      <Form.Item>
        <Alert type={step === 'correct' ? 'warning' : 'info'} showIcon role="note" title={t(`differences.steps.${step}.hint`)} />
      </Form.Item>
      <Form.Item label={t('differences.remark')} htmlFor={id} extra={t('differences.remarkHint')} validateStatus={missing ? 'error' : undefined} help={missing}>
        <Input.TextArea id={id} rows={2} value={remark} onChange={(e) => setRemark(e.target.value)} maxLength={200} showCount aria-invalid={Boolean(missing)} />
      </Form.Item>
      {take.error && <Form.Item><ErrorSentence error={take.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose} disabled={take.isPending}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={take.isPending}>{t(`differences.steps.${step}.submit`)}</Button>
      </div>
    </Form>
  );
}

/** What our order is, and what the correction would make of it. */
function Becomes({ detail: { difference: d, correctable } }: { detail: DifferenceDetail }) {
  const { t } = useTranslation();
  const after = { ...d, ours: { ...d.ours, state: correctable } };
  return (
    <div className="zg-once zg-spread zg-wrap zg-modal-lead" data-testid="becomes">
      <span className="zg-row"><SideState difference={d} side="ours" /> {t('differences.becomes')} <SideState difference={after} side="ours" /></span>
      <SideAmount difference={d} side="theirs" />
    </div>
  );
}
