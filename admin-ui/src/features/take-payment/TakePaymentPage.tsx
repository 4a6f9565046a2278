import { SoundOutlined } from '@ant-design/icons';
import { Alert, Skeleton, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { EmptyState } from '@/components/EmptyState';
import { ErrorSentence } from '@/components/ErrorSentence';
import { PageHead } from '@/components/PageHead';
import { TenantOnly } from '@/components/TenantOnly';
import { useSubmissionKey } from '@/lib/idempotency';
import { useMay } from '@/lib/permissions';
import { useNames } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { type PaymentContent, useCreatePayment, usePaymentMethods, useUnfinished } from './api';
import { soundWanted, wantSound } from './sound';
import { TillForm } from './TillForm';
import { TillResult } from './TillResult';
import { Unfinished } from './Unfinished';

export default function TakePaymentPage() {
  const { t } = useTranslation();
  const [sound, setSound] = useState(soundWanted);
  const toggle = (on: boolean) => {
    wantSound(on);
    setSound(on);
  };
  return (
    <div className="zg-page">
      <PageHead
        title={t('nav.takePayment')}
        lead={t('till.lead')}
        actions={
          <label className="zg-row zg-muted">
            <SoundOutlined aria-hidden="true" />
            {t('till.sound')}
            <Switch size="small" checked={sound} onChange={toggle} />
          </label>
        }
      />
      <TenantOnly>
        <Till sound={sound} />
      </TenantOnly>
    </div>
  );
}

function Till({ sound }: { sound: boolean }) {
  const { t, i18n } = useTranslation();
  const { tenantId } = useSession();
  const names = useNames();
  const methods = usePaymentMethods();
  const may = useMay();
  const create = useCreatePayment();
  const submission = useSubmissionKey();
  const unfinished = useUnfinished().data ?? [];
  const [round, setRound] = useState(0);

  if (methods.isPending) return <div className="zg-card zg-card-pad" aria-busy="true"><Skeleton active /></div>;
  if (!methods.data) return <ErrorSentence error={methods.error} onRetry={() => void methods.refetch()} />;
  const { items, unavailable } = methods.data;
  const silent = new Intl.ListFormat(i18n.language).format(unavailable.map((id) => names.provider(id)));
  if (items.length === 0) {
    return (
      <div className="zg-card">
        <EmptyState
          title={t('till.noMethods')}
          hint={silent ? t('till.unavailable', { names: silent }) : t('till.noMethodsHint')}
          action={!silent && may('accounts:create') && tenantId ? <Link to={`/merchants/${tenantId}`}>{t('nav.merchant')}</Link> : undefined}
        />
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
    <>
      {silent && <Alert type="warning" showIcon title={t('till.unavailable', { names: silent })} />}
      <Unfinished payments={unfinished.filter((p) => p.id !== create.data?.id)} />
      <div className="zg-till">
        <section className="zg-card zg-card-pad" aria-label={t('till.form')}>
          {/* A new round is a new form, with the focus where the next customer begins. */}
          <TillForm key={round} offers={items} unfinished={unfinished} busy={create.isPending} locked={Boolean(create.data)} error={create.error} onSubmit={submit} />
        </section>
        <TillResult paymentId={create.data?.id} first={create.data} busy={create.isPending} sound={sound} onNext={next} />
      </div>
    </>
  );
}
