import { Button, Form, Input, Select, Switch } from 'antd';
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyText } from '@/components/CopyText';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { alertKinds } from './api';
import { type Channel, type ChannelInput, channelTypes, signs, useSaveChannel } from './channels';

type Draft = Required<ChannelInput>;

function draftOf(c: Channel | undefined): Draft {
  if (!c) return { name: '', type: 'mail', recipients: [], url: '', secret: '', kinds: [], least: 'warning', language: 'zh', disabled: false };
  return { name: c.name, type: c.type, recipients: c.recipients, url: '', secret: '', kinds: c.kinds, least: c.least, language: c.language === 'en' ? 'en' : 'zh', disabled: c.disabled };
}

/** What is sent: only what the type has, and of addresses and secrets only what was entered. */
function inputOf(d: Draft): ChannelInput {
  const { recipients, url, secret, ...rest } = d;
  if (d.type === 'mail') return { ...rest, recipients };
  return { ...rest, ...(url.trim() ? { url: url.trim() } : {}), ...(signs(d.type) && secret.trim() ? { secret: secret.trim() } : {}) };
}

/** Adds a channel or changes one. Addresses and secrets are entered and never shown again. */
export function ChannelForm({ channel, onClose }: { channel?: Channel; onClose: () => void }) {
  const { t } = useTranslation();
  const save = useSaveChannel(channel?.id);
  const [draft, setDraft] = useState(() => draftOf(channel));
  const [checked, setChecked] = useState(false);
  const [secret, setSecret] = useState('');
  const set = (values: Partial<Draft>) => setDraft((d) => ({ ...d, ...values }));
  const missing = {
    name: draft.name.trim() === '',
    recipients: draft.type === 'mail' && draft.recipients.length === 0,
    url: draft.type !== 'mail' && !channel && draft.url.trim() === '',
  };
  const wrong = (field: keyof typeof missing) => (checked && missing[field] ? t(`channels.missing.${field}`) : fieldError(t, save.error, field));
  const submit = () => {
    setChecked(true);
    if (save.isPending || missing.name || missing.recipients || missing.url) return;
    save.mutate(inputOf(draft), { onSuccess: (made) => (made ? setSecret(made) : onClose()) });
  };
  if (secret) return <Secret secret={secret} onClose={onClose} />;
  return (
    <Form layout="vertical" requiredMark={false} onFinish={submit} autoComplete="off" data-testid="channel-form">
      <Item label={t('common.name')} error={wrong('name')}>
        {(id) => <Input id={id} value={draft.name} onChange={(e) => set({ name: e.target.value })} maxLength={60} />}
      </Item>
      <Item label={t('channels.type')}>
        {(id) => <Select id={id} value={draft.type} disabled={Boolean(channel)} onChange={(type) => set({ type })} options={channelTypes.map((c) => ({ value: c, label: t(`channels.types.${c}`) }))} />}
      </Item>
      {draft.type === 'mail' ? (
        <Item label={t('channels.recipients')} error={wrong('recipients')}>
          {(id) => <Select id={id} mode="tags" open={false} suffixIcon={null} tokenSeparators={[',', ' ', ';']} value={draft.recipients} onChange={(recipients: string[]) => set({ recipients })} placeholder={t('channels.recipientsHint')} maxCount={10} />}
        </Item>
      ) : (
        <Item label={t('channels.url')} hint={channel ? t('channels.kept', { address: channel.address }) : t(`channels.urlHint.${draft.type}`)} error={wrong('url')}>
          {(id) => <Input id={id} value={draft.url} onChange={(e) => set({ url: e.target.value })} maxLength={2048} inputMode="url" spellCheck={false} />}
        </Item>
      )}
      {signs(draft.type) && (
        <Item label={t('channels.secret')} hint={t('channels.secretHint')} error={fieldError(t, save.error, 'secret')}>
          {(id) => <Input.Password id={id} value={draft.secret} onChange={(e) => set({ secret: e.target.value })} maxLength={256} autoComplete="new-password" />}
        </Item>
      )}
      <Item label={t('channels.kinds')}>
        {(id) => <Select id={id} mode="multiple" allowClear value={draft.kinds} onChange={(kinds: string[]) => set({ kinds })} placeholder={t('channels.allKinds')} options={alertKinds.map((k) => ({ value: k, label: t(`alerts.kinds.${k}`) }))} />}
      </Item>
      <div className="zg-pair">
        <Item label={t('channels.leastTitle')}>
          {(id) => <Select id={id} value={draft.least} onChange={(least) => set({ least })} options={(['warning', 'critical'] as const).map((s) => ({ value: s, label: t(`channels.least.${s}`) }))} />}
        </Item>
        <Item label={t('top.language')}>
          {(id) => <Select id={id} value={draft.language} onChange={(language) => set({ language })} options={(['zh', 'en'] as const).map((l) => ({ value: l, label: t(`channels.languages.${l}`) }))} />}
        </Item>
      </div>
      {channel && (
        <Item label={t('channels.on')}>
          {(id) => <Switch id={id} checked={!draft.disabled} onChange={(on) => set({ disabled: !on })} />}
        </Item>
      )}
      {save.error && !wrong('url') && !wrong('recipients') && !wrong('name') && <Form.Item><ErrorSentence error={save.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose} disabled={save.isPending}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={save.isPending} data-testid="channel-submit">{t('common.save')}</Button>
      </div>
    </Form>
  );
}

function Item({ label, hint, error, children }: { label: string; hint?: string; error?: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <Form.Item label={label} htmlFor={id} extra={hint} validateStatus={error ? 'error' : undefined} help={error}>
      {children(id)}
    </Form.Item>
  );
}

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="zg-stack-tight" data-testid="channel-secret">
      <p>{t('channels.secretOnce')}</p>
      <div className="zg-once"><CopyText text={secret} label={t('channels.secret')} /></div>
      <p className="zg-muted">{t('common.showOnce')}</p>
      <div className="zg-actions zg-actions-end"><Button type="primary" onClick={onClose}>{t('common.done')}</Button></div>
    </div>
  );
}
