import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { Actor } from '@/components/Actor';
import { Ago, Left } from '@/components/Ago';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { DetailPage } from '@/components/DetailPage';
import { errorSentence } from '@/components/ErrorSentence';
import { Facts } from '@/components/Facts';
import { Section } from '@/components/Section';
import { ApprovalStatus } from '@/components/states';
import { asApiError } from '@/lib/api/error';
import { useNow } from '@/lib/now';
import { useMay } from '@/lib/permissions';
import { useTenant } from '@/lib/queries';
import { Agreed, Decisions, Summary } from './Approval';
import { type Approval, useApproval, useStanding, useWithdraw } from './api';
import { DecideDialog } from './DecideDialog';

/** One request to a second person: what it is about, who asked, who has answered. */
export default function ApprovalPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useApproval(id);
  return (
    <DetailPage
      title={query.data ? t(`approvals.kinds.${query.data.kind}`) : t('approvals.one')}
      back={{ to: '/approvals', label: t('nav.approvals') }}
      query={query}
      status={(a) => <Status approval={a} />}
      actions={(a) => <Actions approval={a} />}
    >
      {(a) => (
        <div className="zg-columns">
          <div className="zg-stack">
            <Standing approval={a} />
            <Section title={t('approvals.about')}>
              <Summary approval={a} />
            </Section>
            <Section title={t('approvals.answers')} extra={<Agreed approval={a} />}>
              <Decisions approval={a} />
            </Section>
          </div>
          <Request approval={a} />
        </div>
      )}
    </DetailPage>
  );
}

function Status({ approval }: { approval: Approval }) {
  const late = useStanding()(approval, useNow()) === 'late';
  return <ApprovalStatus value={late ? 'expired' : approval.state} />;
}

function Actions({ approval }: { approval: Approval }) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const may = useMay();
  const standing = useStanding()(approval, useNow());
  const withdraw = useWithdraw(approval);
  const [dialog, setDialog] = useState<'agree' | 'reject' | null>(null);
  const takeBack = () =>
    void modal.confirm({
      title: t('approvals.withdrawTitle'),
      content: t('approvals.withdrawHint'),
      okText: t('approvals.withdraw'),
      cancelText: t('common.cancel'),
      onOk: () => withdraw.mutateAsync().catch((error) => void message.error(errorSentence(t, asApiError(error)))),
    });
  return (
    <>
      {standing === 'mine' && may('approvals:withdraw') && <Button onClick={takeBack} loading={withdraw.isPending}>{t('approvals.withdraw')}</Button>}
      {standing === 'decide' && (
        <div className="zg-thumb">
          <Button danger onClick={() => setDialog('reject')}>{t('approvals.reject')}</Button>
          <Button type="primary" onClick={() => setDialog('agree')}>{t('approvals.agree')}</Button>
        </div>
      )}
      <DecideDialog approval={approval} agree={dialog !== 'reject'} open={dialog !== null} onClose={() => setDialog(null)} />
    </>
  );
}

/** What the person who looks can or cannot do here, in words. */
function Standing({ approval: a }: { approval: Approval }) {
  const { t } = useTranslation();
  const standing = useStanding()(a, useNow());
  if (standing === 'over') return null;
  return (
    <div className="zg-card zg-card-pad zg-stack-tight" role="note" data-testid="standing" data-standing={standing}>
      <p className="zg-strong">{t(`approvals.standing.${standing}`)}</p>
      {standing !== 'late' && <p className="zg-muted">{t('approvals.nothingSent')}</p>}
    </div>
  );
}

function Request({ approval: a }: { approval: Approval }) {
  const { t } = useTranslation();
  const tenant = useTenant(a.tenant_id).data;
  return (
    <Section title={t('approvals.request')}>
      <Facts
        facts={[
          { label: t('orders.amount'), value: <Amount fen={a.amount} size="large" />, wide: true },
          { label: t('common.merchant'), value: tenant?.name },
          { label: t('approvals.maker'), value: <Actor actor={a.made_by} tenant={a.tenant_id} /> },
          { label: t('approvals.note'), value: a.note, wide: true },
          { label: t('approvals.asked'), value: <><BeijingTime at={a.created_at} /> <span className="zg-muted zg-small"><Ago at={a.created_at} /></span></>, wide: true },
          a.state === 'pending' && { label: t('approvals.expires'), value: <><BeijingTime at={a.expires_at} /> <span className="zg-muted zg-small"><Left until={a.expires_at} /></span></>, wide: true },
          a.decided_at ? { label: t('approvals.endedAt'), value: <BeijingTime at={a.decided_at} />, wide: true } : undefined,
        ]}
      />
    </Section>
  );
}
