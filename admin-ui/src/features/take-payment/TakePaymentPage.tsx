import { Skeleton } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { EmptyState } from '@/components/EmptyState';
import { PageHead } from '@/components/PageHead';
import { TenantOnly } from '@/components/TenantOnly';
import { useMay } from '@/lib/permissions';
import { useSession } from '@/lib/session';
import { type PaymentContent, useCreatePayment, useTillMethods } from './api';
import { useSubmissionKey } from '@/lib/idempotency';
import { TillForm } from './TillForm';
import { TillResult } from './TillResult';

export default function TakePaymentPage() {
  const { t } = useTranslation();
  return (
    <div className="zg-page">
      <PageHead title={t('nav.takePayment')} lead={t('till.lead')} />
      <TenantOnly>
        <Till />
      </TenantOnly>
    </div>
  );
}

function Till() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const { methods, pending } = useTillMethods(tenantId);
  const may = useMay();
  const create = useCreatePayment();
  const submission = useSubmissionKey();
  const [round, setRound] = useState(0);

  if (pending) return <div className="zg-card zg-card-pad" aria-busy="true"><Skeleton active /></div>;
  if (methods.length === 0) {
    return (
      <div className="zg-card">
        <EmptyState title={t('till.noMethods')} hint={t('till.noMethodsHint')} action={may('accounts:create') && tenantId ? <Link to={`/merchants/${tenantId}`}>{t('nav.merchant')}</Link> : undefined} />
      </div>
    );
  }

  const submit = (content: PaymentContent) => {
    if (create.isPending) return;
    create.mutate({ content, key: submission.keyFor(content) }, { onSuccess: () => submission.done() });
  };
  const next = () => {
    create.reset();
    setRound(round + 1);
  };
  return (
    <div className="zg-till">
      <section className="zg-card zg-card-pad" aria-label={t('till.form')}>
        {/* A new round is a new form, with the focus where the next customer begins. */}
        <TillForm key={round} methods={methods} busy={create.isPending} locked={Boolean(create.data)} error={create.error} onSubmit={submit} />
      </section>
      <TillResult paymentId={create.data?.id} first={create.data} busy={create.isPending} onNext={next} />
    </div>
  );
}
