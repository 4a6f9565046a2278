import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { CopyText } from '@/components/CopyText';
import { ErrorSentence } from '@/components/ErrorSentence';
import { api, call } from '@/lib/api/client';

/** Walks the log's hash chain and says whether anything was edited, taken out or moved. */
export function Verify() {
  const { t } = useTranslation();
  const verify = useMutation({ mutationFn: () => call(() => api.GET('/v1/audit/verification')) });
  const verdict = verify.data;
  return (
    <>
      <Button loading={verify.isPending} onClick={() => verify.mutate()}>{t('audit.verify')}</Button>
      <Modal open={Boolean(verdict ?? verify.error)} title={t('audit.verify')} footer={<Button type="primary" onClick={() => verify.reset()}>{t('common.close')}</Button>} onCancel={() => verify.reset()}>
        {verify.error && <ErrorSentence error={verify.error} />}
        {verdict && (
          <div className="zg-stack" data-testid="audit-verdict" data-ok={verdict.ok}>
            <Alert
              type={verdict.ok ? 'success' : 'error'}
              showIcon
              title={verdict.ok ? t('audit.holds', { count: verdict.rows }) : t('audit.broken', { id: verdict.broken_at, reason: verdict.reason })}
              description={verdict.ok ? t('audit.holdsHint') : t('audit.brokenHint')}
            />
            {verdict.head && (
              <div className="zg-fact">
                <div className="zg-muted zg-small">{t('audit.head')}</div>
                <CopyText text={verdict.head} label={t('audit.head')} />
              </div>
            )}
          </div>
        )}
      </Modal>
    </>
  );
}
