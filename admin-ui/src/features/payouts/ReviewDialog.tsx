import { App, Button, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Amount } from '@/components/Amount';
import { ErrorSentence } from '@/components/ErrorSentence';
import { Facts } from '@/components/Facts';
import type { Schemas } from '@/lib/api/client';
import { inCapitals } from '@/lib/capitals';
import type { useSubmissionKey } from '@/lib/idempotency';
import { inLanguage } from '@/lib/schema';
import { type Payer, useCreatePayout, useNeeded } from './api';
import { type Draft, fieldsOf } from './draft';

interface Props {
  payer: Payer;
  draft: Draft;
  request: Schemas['PayoutRequest'];
  fee: number | undefined;
  /** Outlives the dialog: what was sent before and never answered is sent again, not anew. */
  submission: ReturnType<typeof useSubmissionKey>;
  onClose: () => void;
}

/** Everything once more before it is asked for. The same content keeps its number, however often it is sent. */
export function ReviewDialog({ payer: { account, spec }, draft, request, fee, submission, onClose }: Props) {
  const { t, i18n } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const create = useCreatePayout(account.tenant_id);
  const needed = useNeeded(account.tenant_id, 'payout', request.amount);
  const name = (list: { id: string; name: { zh: string; en: string } }[], id: string | undefined) => inLanguage(list.find((c) => c.id === id)?.name, i18n.language);
  const submit = () => {
    if (create.isPending) return;
    create.mutate(
      { content: request, key: submission.keyFor(request) },
      {
        onSuccess: (made) => {
          submission.done();
          void message.info(t('payouts.made', { count: needed }));
          void navigate(`/payouts/${made.id}`);
        },
      },
    );
  };
  return (
    <Modal open title={t('payouts.reviewTitle')} footer={null} width={560} onCancel={() => !create.isPending && onClose()} mask={{ closable: false }}>
      <div className="zg-stack" data-testid="payout-summary">
        <div className="zg-once zg-stack-tight">
          <span className="zg-muted">{t('payouts.amount')}</span>
          <Amount fen={request.amount} size="hero" />
          <span lang="zh-CN">{inCapitals(request.amount)}</span>
          {fee !== undefined && <span className="zg-muted zg-small">{t('payouts.fee')} <Amount fen={fee} muted /> · {t('payouts.debit')} <Amount fen={request.amount + fee} muted /></span>}
        </div>
        <Facts
          facts={[
            ...fieldsOf(spec, draft.payeeType).map((f) => ({ label: t(`payouts.fields.${f.name}`), value: f.name === 'number' ? <span className="zg-mono">{grouped(request.payee.number)}</span> : request.payee[f.name] })),
            { label: t('payouts.payeeType'), value: name(spec.payee_types, request.payee.type) },
            { label: t('payouts.account'), value: account.name },
            { label: t('payouts.source'), value: name(spec.sources, request.source) },
            { label: t('payouts.purpose'), value: request.purpose },
            { label: t('payouts.merchantNumber'), value: request.merchant_payout_no },
            { label: t('payouts.note'), value: request.note, wide: true },
          ]}
        />
        <p className="zg-muted">{t('payouts.afterwards', { count: needed })} {t('payouts.whoDecides')}</p>
        {create.error && <ErrorSentence error={create.error} />}
        <div className="zg-actions zg-actions-end">
          <Button onClick={onClose} disabled={create.isPending}>{t('payouts.goBack')}</Button>
          <Button type="primary" onClick={submit} loading={create.isPending} data-testid="payout-submit">{t(create.error ? 'common.retry' : 'secondPerson.submit')}</Button>
        </div>
      </div>
    </Modal>
  );
}

/** A number in groups of four, as it stands on a card. */
function grouped(number: string): string {
  return number.replace(/(.{4})(?=.)/g, '$1 ');
}
