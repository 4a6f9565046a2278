import { Button, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorSentence } from '@/components/ErrorSentence';
import { useTest, type Webhook } from './api';
import { Attempts } from './Attempts';

/** Sends a test message now and shows what came back. */
export function TestDialog({ value, onClose }: { value: Webhook; onClose: () => void }) {
  const { t } = useTranslation();
  const test = useTest(value.id);
  return (
    <Modal open title={t('webhooks.test')} footer={null} onCancel={() => !test.isPending && onClose()} mask={{ closable: false }} width={620}>
      <div className="zg-stack">
        <p className="zg-muted">{t('webhooks.testHint')}</p>
        <p className="zg-mono">{value.url}</p>
        {test.error && <ErrorSentence error={test.error} />}
        {test.data && <div data-testid="webhook-test" data-state={test.data.delivery.state}><Attempts attempts={test.data.attempts} /></div>}
        <div className="zg-actions zg-actions-end">
          <Button onClick={onClose} disabled={test.isPending}>{t(test.data ? 'common.done' : 'common.cancel')}</Button>
          <Button type="primary" loading={test.isPending} onClick={() => test.mutate()}>{t(test.data ? 'webhooks.testAgain' : 'webhooks.testNow')}</Button>
        </div>
      </div>
    </Modal>
  );
}
