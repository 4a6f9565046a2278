import { ReloadOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Ago } from '@/components/Ago';
import { Amount } from '@/components/Amount';
import { errorSentence } from '@/components/ErrorSentence';
import { Section } from '@/components/Section';
import { asApiError } from '@/lib/api/error';
import { useMay } from '@/lib/permissions';
import type { Account } from '@/lib/queries';
import { useBalancesOf, useNeeded, useRefreshBalances } from './api';
import type { Room } from './room';

interface Props {
  account: Account;
  room: Room | undefined;
  most: { single: number; today?: number };
  fen: number | undefined;
  fee: number | undefined;
}

/** What can be paid out now, what the payout costs, and who must agree: beside the form while it is filled in. */
export function PayableNow({ account, room, most, fen, fee }: Props) {
  const { t } = useTranslation();
  const balances = useBalancesOf(account);
  const needed = useNeeded(account.tenant_id, 'payout', fen ?? 0);
  return (
    <Section title={t('payouts.now')} extra={<RefreshButton account={account} />} testId="payable-now">
      <dl className="zg-stack">
        <div className="zg-fact">
          <dt>{t('payouts.available')}</dt>
          <dd>
            {room ? <Amount fen={room.available} size="large" /> : <span className="zg-muted">{t(balances.isPending && balances.isFetching ? 'common.loading' : 'payouts.notStated')}</span>}
            {balances.data?.taken_at && <div className="zg-muted zg-small">{t('payouts.asOf')} <Ago at={balances.data.taken_at} /></div>}
            {room?.available === 0 && room.reasons.map((reason) => <div key={reason} className="zg-tone-waiting zg-small" data-testid="payable-reason" data-reason={reason}>{t(`payouts.reasons.${reason}`, { opens: room.opens?.slice(0, 5) ?? '', closes: room.closes?.slice(0, 5) ?? '' })}</div>)}
          </dd>
        </div>
        <div className="zg-fact">
          <dt>{t('payouts.mostSingle')}</dt>
          <dd>
            <Amount fen={most.single} />
            {most.today !== undefined && <div className="zg-muted zg-small">{t('payouts.leftToday')} <Amount fen={most.today} muted /></div>}
          </dd>
        </div>
        {fee !== undefined && fen !== undefined && (
          <div className="zg-fact" data-testid="payout-cost">
            <dt>{t('payouts.fee')}</dt>
            <dd><Amount fen={fee} /><div className="zg-muted zg-small">{t('payouts.debit')} <Amount fen={fen + fee} muted /></div></dd>
          </div>
        )}
        <div className="zg-fact">
          <dt>{t('payouts.approvers')}</dt>
          <dd data-testid="payout-needed">{t('payouts.needed', { count: needed })}<div className="zg-muted zg-small">{t('payouts.whoDecides')}</div></dd>
        </div>
      </dl>
    </Section>
  );
}

function RefreshButton({ account }: { account: Account }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const may = useMay();
  const refresh = useRefreshBalances(account);
  if (!may('balances:refresh')) return null;
  const ask = () => refresh.mutate(undefined, { onError: (error) => void message.error(errorSentence(t, asApiError(error))) });
  return <Button size="small" icon={<ReloadOutlined aria-hidden="true" spin={refresh.isPending} />} onClick={ask} disabled={refresh.isPending}>{t('payouts.refreshBalance')}</Button>;
}
