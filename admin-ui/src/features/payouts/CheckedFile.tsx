import { Alert, App, Button, Form, Input, Skeleton } from 'antd';
import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { Amount } from '@/components/Amount';
import { ErrorSentence } from '@/components/ErrorSentence';
import { Facts } from '@/components/Facts';
import { Section } from '@/components/Section';
import { asApiError } from '@/lib/api/error';
import { inCapitals } from '@/lib/capitals';
import { useSubmissionKey } from '@/lib/idempotency';
import type { Payer } from './api';
import { RowErrors, useSaveErrors } from './BatchParts';
import { type BatchCheck, fileBase64, MAX_BYTES, useCheckBatch, useCreateBatch } from './batches';

/** What a file comes to before it is taken in, or what is wrong with it. */
export function CheckedFile({ payer: { account }, file }: { payer: Payer; file: File }) {
  const { t } = useTranslation();
  const check = useCheckBatch(account.tenant_id);
  const [content, setContent] = useState<string>();
  const [again, setAgain] = useState(false);
  const tooLarge = file.size > MAX_BYTES || file.size === 0;
  const begin = useRef(check.mutate);
  useEffect(() => {
    if (tooLarge) return;
    let current = true;
    void fileBase64(file).then((base64) => {
      if (!current) return;
      setContent(base64);
      begin.current({ account_id: account.id, file_name: file.name.slice(0, 200), file_base64: base64 });
    });
    return () => {
      current = false;
    };
  }, [file, account.id, tooLarge]);
  const request = { account_id: account.id, file_name: file.name.slice(0, 200), file_base64: content ?? '', ...(again && { again: true }) };
  const payAgain = () => {
    setAgain(true);
    check.mutate({ ...request, again: true });
  };
  if (tooLarge) return <Alert type="error" showIcon role="alert" title={t(file.size === 0 ? 'batches.emptyFile' : 'batches.tooLarge')} />;
  if (check.error) return <Refused error={check.error} onAgain={payAgain} onRetry={() => check.mutate(request)} />;
  if (!check.data) return <div className="zg-card zg-card-pad" aria-busy="true"><p className="zg-muted">{t('batches.reading', { name: file.name })}</p><Skeleton active /></div>;
  if (check.data.error_count > 0) return <Wrong check={check.data} fileName={file.name} />;
  return <Sum check={check.data} request={request} tenantId={account.tenant_id} accountName={account.name} />;
}

/** A file that was taken in before may be meant once more; everything else has to be mended first. */
function Refused({ error, onAgain, onRetry }: { error: unknown; onAgain: () => void; onRetry: () => void }) {
  const { t } = useTranslation();
  const e = asApiError(error);
  const before = e.code === 'conflict' ? e.args.batch_id : undefined;
  if (!before) return <ErrorSentence error={e} onRetry={e.inDoubt ? onRetry : undefined} />;
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      data-testid="same-file"
      title={t('batches.sameFile')}
      description={<Link to={`/payouts/batches/${before}`}>{t('batches.sameFileOpen')}</Link>}
      action={<Button onClick={onAgain}>{t('batches.payAgain')}</Button>}
    />
  );
}

function Wrong({ check, fileName }: { check: BatchCheck; fileName: string }) {
  const { t } = useTranslation();
  const save = useSaveErrors();
  return (
    <>
      <Alert type="error" showIcon role="alert" data-testid="batch-wrong" title={t('batches.notTaken', { count: check.error_count })} description={t('batches.mendFile')} />
      <Section title={t('batches.errors')} extra={<Button onClick={() => save(check.errors, fileName)} data-testid="save-errors">{t('batches.saveErrors')}</Button>} flush>
        <RowErrors errors={check.errors.slice(0, SHOWN)} />
        {check.error_count > SHOWN && <p className="zg-section-body zg-muted">{t('batches.moreErrors', { count: check.error_count - SHOWN })}</p>}
      </Section>
    </>
  );
}

const SHOWN = 100;

interface SumProps {
  check: BatchCheck;
  request: { account_id: string; file_name: string; file_base64: string; again?: boolean };
  tenantId: string;
  accountName: string;
}

/** Rows, sum and fee once more before a second person is asked. */
function Sum({ check: c, request, tenantId, accountName }: SumProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const create = useCreateBatch(tenantId);
  const submission = useSubmissionKey();
  const [note, setNote] = useState('');
  const noteId = useId();
  const submit = () => {
    if (create.isPending) return;
    const content = { ...request, ...(note.trim() && { note: note.trim() }) };
    create.mutate(
      { content, key: submission.keyFor(content) },
      {
        onSuccess: (batch) => {
          submission.done();
          void message.info(t('payouts.made', { count: c.needed }));
          void navigate(`/payouts/batches/${batch.id}`);
        },
      },
    );
  };
  return (
    <Section title={t('batches.summary')} testId="batch-summary">
      <Form layout="vertical" requiredMark={false} onFinish={submit}>
        <div className="zg-once zg-stack-tight zg-modal-lead">
          <span className="zg-muted">{t('batches.rowsOf', { count: c.rows })}</span>
          <Amount fen={c.amount} size="hero" />
          <span lang="zh-CN">{inCapitals(c.amount)}</span>
        </div>
        <Facts
          facts={[
            { label: t('payouts.fee'), value: <Amount fen={c.fee} /> },
            { label: t('payouts.debit'), value: <Amount fen={c.amount + c.fee} /> },
            { label: t('payouts.account'), value: accountName },
            { label: t('batches.file'), value: request.file_name },
            { label: t('batches.encoding'), value: c.encoding },
          ]}
        />
        <Form.Item className="zg-folded" label={t('payouts.note')} htmlFor={noteId}>
          <Input.TextArea id={noteId} rows={2} value={note} onChange={(e) => setNote(e.target.value)} maxLength={200} showCount />
        </Form.Item>
        <p className="zg-muted">{t('payouts.afterwards', { count: c.needed })} {t('payouts.whoDecides')}</p>
        {create.error && <div className="zg-folded"><ErrorSentence error={create.error} /></div>}
        <div className="zg-actions zg-actions-end">
          <Button type="primary" htmlType="submit" loading={create.isPending} data-testid="batch-submit">{t(create.error ? 'common.retry' : 'secondPerson.submit')}</Button>
        </div>
      </Form>
    </Section>
  );
}
