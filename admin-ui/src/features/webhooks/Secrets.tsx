import { App, Button, Form, Modal, Select } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Actor } from '@/components/Actor';
import { BeijingTime } from '@/components/BeijingTime';
import { CopyText } from '@/components/CopyText';
import { ErrorSentence, errorSentence } from '@/components/ErrorSentence';
import { PermissionGate } from '@/components/PermissionGate';
import { Section } from '@/components/Section';
import { StatusTag } from '@/components/StatusTag';
import { asApiError } from '@/lib/api/error';
import { useSession } from '@/lib/session';
import { useRemoveSecret, useRotate, type Webhook } from './api';

/** A secret, the only time it is shown. */
export function SecretOnce({ title, secret, onClose }: { title: string; secret: string; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="zg-stack">
      <div className="zg-once" role="status" data-testid="webhook-secret">
        <p className="zg-strong">{title}</p>
        <CopyText text={secret} label={t('webhooks.secret')} />
        <p className="zg-muted zg-small">{t('common.showOnce')} {t('webhooks.secretHint')}</p>
      </div>
      <div className="zg-actions zg-actions-end">
        <Button type="primary" onClick={onClose}>{t('common.done')}</Button>
      </div>
    </div>
  );
}

/** The secrets that sign now; a new one may be made, an old one ended before its time. */
export function Secrets({ value }: { value: Webhook }) {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const [rotating, setRotating] = useState(false);
  return (
    <Section
      title={t('webhooks.secrets')}
      testId="webhook-secrets"
      flush
      extra={<PermissionGate may="webhooks:secrets"><Button onClick={() => setRotating(true)}>{t('webhooks.rotate')}</Button></PermissionGate>}
    >
      <ul className="zg-cards">
        {value.secrets.map((s) => (
          <li key={s.id} className="zg-cards-item">
            <div>
              <span className="zg-spread">
                <span className="zg-mono">{s.display}</span>
                <StatusTag tone={s.expires_at ? 'over' : 'good'}>{t(s.expires_at ? 'webhooks.secretOld' : 'webhooks.secretCurrent')}</StatusTag>
              </span>
              <span className="zg-spread zg-small zg-muted">
                <span><Actor actor={s.created_by} tenant={tenantId} /> · <BeijingTime at={s.created_at} /></span>
                {s.expires_at && <span>{t('webhooks.secretUntil')} <BeijingTime at={s.expires_at} /> <RemoveSecret webhook={value} secret={s.id} /></span>}
              </span>
            </div>
          </li>
        ))}
      </ul>
      {rotating && <RotateDialog value={value} onClose={() => setRotating(false)} />}
    </Section>
  );
}

function RemoveSecret({ webhook, secret }: { webhook: Webhook; secret: string }) {
  const { t } = useTranslation();
  const { modal, message } = App.useApp();
  const remove = useRemoveSecret(webhook.id);
  const ask = () =>
    void modal.confirm({
      title: t('webhooks.removeSecretTitle'),
      content: t('webhooks.removeSecretHint'),
      okText: t('webhooks.removeSecret'),
      cancelText: t('common.cancel'),
      okButtonProps: { danger: true },
      onOk: () => remove.mutateAsync(secret).catch((error: unknown) => void message.error(errorSentence(t, asApiError(error)))),
    });
  return (
    <PermissionGate may="webhooks:secrets">
      <Button size="small" danger onClick={ask}>{t('webhooks.removeSecret')}</Button>
    </PermissionGate>
  );
}

const overlaps = [24, 72, 168, 1, 0];

function RotateDialog({ value, onClose }: { value: Webhook; onClose: () => void }) {
  const { t } = useTranslation();
  const rotate = useRotate(value.id);
  const [hours, setHours] = useState(24);
  const id = useId();
  return (
    <Modal open title={t('webhooks.rotate')} footer={null} onCancel={() => !rotate.isPending && onClose()} mask={{ closable: false }}>
      {rotate.data ? (
        <SecretOnce title={t('webhooks.rotated')} secret={rotate.data.secret} onClose={onClose} />
      ) : (
        <Form layout="vertical" onFinish={() => !rotate.isPending && rotate.mutate(hours)} data-testid="rotate-form">
          <p className="zg-muted zg-modal-lead">{t('webhooks.rotateHint')}</p>
          <Form.Item label={t('webhooks.overlap')} htmlFor={id}>
            <Select id={id} value={hours} onChange={setHours} options={overlaps.map((h) => ({ value: h, label: h === 0 ? t('webhooks.overlapNone') : t('webhooks.overlapHours', { count: h }) }))} />
          </Form.Item>
          {rotate.error && <Form.Item><ErrorSentence error={rotate.error} /></Form.Item>}
          <div className="zg-actions zg-actions-end">
            <Button onClick={onClose} disabled={rotate.isPending}>{t('common.cancel')}</Button>
            <Button type="primary" htmlType="submit" loading={rotate.isPending}>{t('webhooks.rotateNow')}</Button>
          </div>
        </Form>
      )}
    </Modal>
  );
}
