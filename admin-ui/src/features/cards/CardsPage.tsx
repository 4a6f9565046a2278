import { PlusOutlined } from '@ant-design/icons';
import { App, Button, Modal, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BeijingTime } from '@/components/BeijingTime';
import { errorDetail, errorSentence } from '@/components/ErrorSentence';
import { ChoiceFilter, ClearFilters, TextFilter } from '@/components/Filters';
import { ListPage } from '@/components/ListPage';
import { PageHead } from '@/components/PageHead';
import { PermissionGate } from '@/components/PermissionGate';
import { StatusTag, type Tone } from '@/components/StatusTag';
import { TenantOnly } from '@/components/TenantOnly';
import { asApiError } from '@/lib/api/error';
import { useMay } from '@/lib/permissions';
import { providerSaid } from '@/lib/providerSaid';
import { useNames } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { cardStates, type SavedCard, useCardActions, useCards } from './api';
import { BindCard, GoOnBinding } from './BindCard';

const tones: Record<SavedCard['state'], Tone> = { pending: 'waiting', bound: 'good', unbound: 'over', failed: 'bad' };

/** Payers' cards that providers keep, so that they can be charged again. */
export default function CardsPage() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  if (tenantId) return <Cards />;
  return (
    <div className="zg-page">
      <PageHead title={t('nav.cards')} lead={t('cards.lead')} />
      <TenantOnly>{null}</TenantOnly>
    </div>
  );
}

function Cards() {
  const { t } = useTranslation();
  const { search } = useFilters();
  const [binding, setBinding] = useState(false);
  const query = useCards(search);
  return (
    <>
      <ListPage<SavedCard>
        name="cards"
        title={t('nav.cards')}
        lead={t('cards.lead')}
        actions={
          <PermissionGate may="cards:create">
            <Button type="primary" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setBinding(true)} data-testid="bind-card">{t('cards.bind')}</Button>
          </PermissionGate>
        }
        filters={
          <>
            <TextFilter name="user" label={t('cards.userRef')} />
            <ChoiceFilter name="state" label={t('common.status')} options={cardStates.map((s) => ({ value: s, label: t(`cards.states.${s}`) }))} />
            <ClearFilters />
          </>
        }
        query={query}
        rowKey={(c) => c.id}
        columns={useColumns()}
        card={(c) => <Card card={c} />}
        empty={{ title: t('cards.empty'), hint: t('cards.emptyHint') }}
        nothing={{ title: t('cards.emptyFiltered'), names: { user: t('cards.userRef'), state: { label: t('common.status'), value: (s) => t(`cards.states.${s}`, { defaultValue: s }) } } }}
      />
      <Modal open={binding} title={t('cards.bind')} footer={null} onCancel={() => setBinding(false)} mask={{ closable: false }} destroyOnHidden>
        <BindCard onClose={() => setBinding(false)} />
      </Modal>
    </>
  );
}

function useColumns(): TableColumnsType<SavedCard> {
  const { t } = useTranslation();
  const names = useNames();
  return [
    { title: t('cards.userRef'), key: 'user', render: (_, c) => c.user_ref },
    { title: t('cards.card'), key: 'card', render: (_, c) => <Number card={c} /> },
    { title: t('cards.phone'), key: 'phone', render: (_, c) => <span className="zg-figures">{c.phone}</span> },
    { title: t('cards.provider'), key: 'provider', render: (_, c) => names.provider(c.provider) },
    { title: t('common.status'), key: 'state', render: (_, c) => <State card={c} /> },
    { title: t('cards.changed'), key: 'changed', render: (_, c) => <BeijingTime at={c.updated_at} /> },
    { title: <span className="zg-sr-only">{t('common.actions')}</span>, key: 'actions', align: 'right', render: (_, c) => <Actions card={c} /> },
  ];
}

function Card({ card }: { card: SavedCard }) {
  return (
    <div>
      <span className="zg-spread"><span className="zg-strong">{card.user_ref}</span><State card={card} /></span>
      <Number card={card} />
      <span className="zg-spread zg-muted zg-small"><BeijingTime at={card.updated_at} /><Actions card={card} /></span>
    </div>
  );
}

function Number({ card }: { card: SavedCard }) {
  const { t } = useTranslation();
  const kind = card.card_type === 'credit' ? t('card.credit') : card.card_type === 'debit' ? t('card.debit') : '';
  return (
    <div className="zg-cell">
      <span className="zg-mono">{card.masked}</span>
      <div className="zg-muted zg-small">{[card.bank_name, kind].filter(Boolean).join(' · ')}</div>
    </div>
  );
}

function State({ card }: { card: SavedCard }) {
  const { t } = useTranslation();
  const said = card.state === 'failed' ? providerSaid(card) : '';
  return (
    <div className="zg-cell">
      <StatusTag tone={tones[card.state]} testId="card-state">{t(`cards.states.${card.state}`)}</StatusTag>
      {said && <div className="zg-muted zg-small">{t('timeline.providerSaid', { said })}</div>}
    </div>
  );
}

function Actions({ card }: { card: SavedCard }) {
  const { t, i18n } = useTranslation();
  const { modal, message } = App.useApp();
  const may = useMay();
  const [goingOn, setGoingOn] = useState(false);
  const { sync, unbind } = useCardActions(card.id);
  const say = (error: unknown) => {
    const e = asApiError(error);
    void message.error(errorDetail(e, i18n.language) ?? errorSentence(t, e));
  };
  const ask = (words: 'unbind' | 'drop') =>
    void modal.confirm({
      title: t(`cards.${words}Title`, { card: card.masked }),
      content: t(`cards.${words}Hint`),
      okText: t(`cards.${words}`),
      cancelText: t('common.cancel'),
      okButtonProps: { danger: true },
      onOk: () => unbind.mutateAsync().catch(say),
    });
  if (card.awaits_code) {
    return (
      <span className="zg-row zg-row-end">
        {may('cards:create') && <Button size="small" onClick={() => setGoingOn(true)} data-testid="card-go-on">{t('cards.goOn')}</Button>}
        {may('cards:delete') && <Button size="small" danger onClick={() => ask('drop')}>{t('cards.drop')}</Button>}
        <Modal open={goingOn} title={t('cards.goOnTitle')} footer={null} onCancel={() => setGoingOn(false)} mask={{ closable: false }} destroyOnHidden>
          <GoOnBinding saved={card} onClose={() => setGoingOn(false)} />
        </Modal>
      </span>
    );
  }
  return (
    <span className="zg-row zg-row-end">
      {(card.state === 'bound' || card.state === 'pending') && (
        <Button size="small" loading={sync.isPending} onClick={() => sync.mutate(undefined, { onSuccess: (c) => void message.info(t('cards.synced', { state: t(`cards.states.${c.state}`) })), onError: say })}>
          {t('cards.sync')}
        </Button>
      )}
      {card.state === 'bound' && may('cards:delete') && <Button size="small" danger onClick={() => ask('unbind')}>{t('cards.unbind')}</Button>}
    </span>
  );
}
