import { PlusOutlined } from '@ant-design/icons';
import { App, Button, Modal, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BeijingTime } from '@/components/BeijingTime';
import { errorDetail, errorSentence } from '@/components/ErrorSentence';
import { ListBody } from '@/components/ListPage';
import { PageHead } from '@/components/PageHead';
import { PermissionGate } from '@/components/PermissionGate';
import { StatusTag } from '@/components/StatusTag';
import { asApiError } from '@/lib/api/error';
import { ChannelForm } from './ChannelForm';
import { type Channel, useChannels, useRemoveChannel, useTestChannel } from './channels';

/** Where alerts are told beside the console: mail, webhook and group robots. */
export default function ChannelsPage() {
  const { t } = useTranslation();
  const query = useChannels();
  const [dialog, setDialog] = useState<Channel | 'new' | null>(null);
  return (
    <div className="zg-page">
      <PageHead
        title={t('channels.title')}
        lead={t('channels.lead')}
        back={{ to: '/alerts', label: t('nav.alerts') }}
        actions={
          <PermissionGate may="alert_channels:manage">
            <Button type="primary" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setDialog('new')}>{t('channels.new')}</Button>
          </PermissionGate>
        }
      />
      <ListBody<Channel>
        title={t('channels.title')}
        query={query}
        rowKey={(c) => c.id}
        columns={useColumns(setDialog)}
        card={(c) => <Card channel={c} onEdit={() => setDialog(c)} />}
        empty={{ title: t('channels.empty'), hint: t('channels.emptyHint') }}
      />
      <Modal open={dialog !== null} title={t(dialog === 'new' ? 'channels.new' : 'channels.edit')} footer={null} onCancel={() => setDialog(null)} mask={{ closable: false }} destroyOnHidden>
        {dialog && <ChannelForm channel={dialog === 'new' ? undefined : dialog} onClose={() => setDialog(null)} />}
      </Modal>
    </div>
  );
}

function useColumns(onEdit: (c: Channel) => void): TableColumnsType<Channel> {
  const { t } = useTranslation();
  return [
    {
      title: t('common.name'),
      key: 'name',
      render: (_, c) => (
        <div className="zg-cell">
          <div className="zg-strong">{c.name}</div>
          <div className="zg-muted zg-small">{t(`channels.types.${c.type}`)}{c.signed && ` · ${t('channels.signed')}`}</div>
        </div>
      ),
    },
    { title: t('channels.address'), key: 'address', render: (_, c) => <span className="zg-mono zg-small">{c.type === 'mail' ? c.recipients.join(', ') : c.address}</span> },
    { title: t('channels.tells'), key: 'tells', render: (_, c) => <Tells channel={c} /> },
    { title: t('channels.last'), key: 'last', width: 190, render: (_, c) => <Last channel={c} /> },
    { title: t('common.status'), key: 'status', width: 110, render: (_, c) => <ChannelStatus channel={c} /> },
    { title: <span className="zg-sr-only">{t('common.actions')}</span>, key: 'actions', align: 'right', render: (_, c) => <ChannelActions channel={c} onEdit={() => onEdit(c)} /> },
  ];
}

function Card({ channel: c, onEdit }: { channel: Channel; onEdit: () => void }) {
  const { t } = useTranslation();
  return (
    <div>
      <span className="zg-spread"><span className="zg-strong">{c.name}</span><ChannelStatus channel={c} /></span>
      <span className="zg-muted zg-small">{t(`channels.types.${c.type}`)} · <span className="zg-mono">{c.type === 'mail' ? c.recipients.join(', ') : c.address}</span></span>
      <Tells channel={c} />
      <Last channel={c} />
      <ChannelActions channel={c} onEdit={onEdit} />
    </div>
  );
}

function Tells({ channel: c }: { channel: Channel }) {
  const { t } = useTranslation();
  const kinds = c.kinds.length === 0 ? t('channels.allKinds') : c.kinds.map((k) => t(`alerts.kinds.${k}`, { defaultValue: k })).join(', ');
  return <span>{t(`channels.least.${c.least}`)} · {kinds}</span>;
}

function Last({ channel: c }: { channel: Channel }) {
  return (
    <div className="zg-cell">
      <BeijingTime at={c.last_at} />
      {c.last_error && <div className="zg-tone-bad zg-small">{c.last_error}</div>}
    </div>
  );
}

function ChannelStatus({ channel: c }: { channel: Channel }) {
  const { t } = useTranslation();
  return <StatusTag tone={c.disabled ? 'over' : c.last_error ? 'bad' : 'good'}>{t(c.disabled ? 'channels.off' : c.last_error ? 'channels.failing' : 'channels.on')}</StatusTag>;
}

function ChannelActions({ channel, onEdit }: { channel: Channel; onEdit: () => void }) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const test = useTestChannel(channel);
  const remove = useRemoveChannel(channel);
  const told = (error: unknown) => {
    const e = asApiError(error);
    void message.error([errorSentence(t, e), errorDetail(e)].filter(Boolean).join(' '));
  };
  const ask = () =>
    void modal.confirm({
      title: t('channels.removeTitle', { name: channel.name }),
      content: t('channels.removeHint'),
      okText: t('channels.remove'),
      cancelText: t('common.cancel'),
      okButtonProps: { danger: true },
      onOk: () => remove.mutateAsync().catch(told),
    });
  return (
    <PermissionGate may="alert_channels:manage">
      <span className="zg-row zg-row-end">
        <Button size="small" loading={test.isPending} onClick={() => test.mutate(undefined, { onSuccess: () => void message.success(t('channels.tested')), onError: told })} data-testid="channel-test">{t('channels.test')}</Button>
        <Button size="small" onClick={onEdit}>{t('common.edit')}</Button>
        <Button size="small" danger loading={remove.isPending} onClick={ask}>{t('channels.remove')}</Button>
      </span>
    </PermissionGate>
  );
}
