import { PlusOutlined } from '@ant-design/icons';
import { Button, Modal, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { ListBody } from '@/components/ListPage';
import { PageHead } from '@/components/PageHead';
import { StatusTag, type Tone } from '@/components/StatusTag';
import { useNow } from '@/lib/now';
import { useMay } from '@/lib/permissions';
import { type FeeRate, useFeeRates } from './api';
import { EndRateForm, RateForm } from './RateForm';
import { RuledMerchant, useRuled } from './Merchant';
import { percent, type RateState, rateState } from './rules';
import { useScopeName } from './Scope';

const tones: Record<RateState, Tone> = { valid: 'good', coming: 'waiting', ended: 'over' };

/** What a merchant pays for payments and payouts, with what it paid before. */
export default function FeesPage() {
  const { t } = useTranslation();
  const may = useMay();
  const ruled = useRuled();
  const query = useFeeRates(ruled.tenantId);
  const scope = useScopeName(ruled.tenantId);
  const now = useNow();
  const [dialog, setDialog] = useState<FeeRate | 'new' | null>(null);
  const end = (r: FeeRate) => may('fees:update') && rateState(r, now) !== 'ended' && <Button size="small" onClick={() => setDialog(r)}>{t('rules.endRate')}</Button>;
  const columns: TableColumnsType<FeeRate> = [
    { title: t('rules.scope'), key: 'scope', render: (_, r) => scope(r) },
    { title: t('rules.rate'), key: 'rate', align: 'right', render: (_, r) => <span className="zg-figures">{percent(r.basis_points)}</span> },
    { title: t('rules.least'), key: 'least', align: 'right', render: (_, r) => <Bound fen={r.minimum} /> },
    { title: t('rules.most'), key: 'most', align: 'right', render: (_, r) => <Bound fen={r.maximum} /> },
    { title: t('rules.perPayout'), key: 'perPayout', align: 'right', render: (_, r) => <Bound fen={r.per_payout} /> },
    { title: t('rules.validFrom'), key: 'from', render: (_, r) => <BeijingTime at={r.valid_from} /> },
    { title: t('rules.validTo'), key: 'to', render: (_, r) => <BeijingTime at={r.valid_to} empty={t('rules.open')} /> },
    { title: t('common.status'), key: 'state', render: (_, r) => <State rate={r} now={now} /> },
    { title: <span className="zg-sr-only">{t('common.actions')}</span>, key: 'actions', align: 'right', render: (_, r) => end(r) },
  ];
  return (
    <div className="zg-page">
      <PageHead
        title={ruled.title(t('nav.fees'))}
        lead={t('rules.feesLead')}
        back={ruled.back}
        actions={ruled.tenantId && may('fees:update') && <Button type="primary" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setDialog('new')}>{t('rules.addRate')}</Button>}
      />
      <RuledMerchant>
        <ListBody<FeeRate>
          title={t('nav.fees')}
          query={query}
          rowKey={(r) => r.id}
          columns={columns}
          card={(r) => (
            <div>
              <span className="zg-spread"><span className="zg-strong">{scope(r)}</span><State rate={r} now={now} /></span>
              <span>{t('rules.rate')} {percent(r.basis_points)}</span>
              <span className="zg-muted zg-small"><BeijingTime at={r.valid_from} /> – <BeijingTime at={r.valid_to} empty={t('rules.open')} /></span>
              {end(r)}
            </div>
          )}
          empty={{ title: t('rules.feesEmpty'), hint: t('rules.feesEmptyHint') }}
        />
      </RuledMerchant>
      <Modal open={dialog === 'new'} title={t('rules.addRate')} footer={null} onCancel={() => setDialog(null)} destroyOnHidden mask={{ closable: false }}>
        <RateForm tenantId={ruled.tenantId} onClose={() => setDialog(null)} />
      </Modal>
      <Modal open={dialog !== null && dialog !== 'new'} title={t('rules.endRate')} footer={null} onCancel={() => setDialog(null)} destroyOnHidden>
        {dialog && dialog !== 'new' && <EndRateForm tenantId={ruled.tenantId} rate={dialog} name={scope(dialog)} onClose={() => setDialog(null)} />}
      </Modal>
    </div>
  );
}

function Bound({ fen }: { fen: number | undefined }) {
  const { t } = useTranslation();
  return fen ? <Amount fen={fen} /> : <span className="zg-muted">{t('common.none')}</span>;
}

function State({ rate, now }: { rate: FeeRate; now: number }) {
  const { t } = useTranslation();
  const state = rateState(rate, now);
  return <StatusTag tone={tones[state]}>{t(`rules.rateStates.${state}`)}</StatusTag>;
}
