import { Form, Input, type InputRef, Select } from 'antd';
import { useId, type ReactNode, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { CardFields } from '@/components/CardFields';
import { useNames } from '@/lib/queries';
import { inLanguage } from '@/lib/schema';
import { useBoundCards } from './api';
import type { TillValues } from './content';
import { recogniseCode, type TillMethod } from './offers';

export interface WayFieldsProps {
  method: TillMethod;
  values: TillValues;
  set: (change: Partial<TillValues>) => void;
  /** The sentence beside a field, by the API's name of it. */
  wrong: (field: string) => string | undefined;
  codeRef: Ref<InputRef>;
  onEnter: () => void;
}

/** What the chosen way asks for beside the amount, by its manifest. */
export function WayFields(props: WayFieldsProps) {
  const { t, i18n } = useTranslation();
  const { method, values, set, wrong, onEnter } = props;
  const text = { onPressEnter: onEnter, autoComplete: 'off', spellCheck: false } as const;
  return (
    <>
      {method.needs.includes('payer_code') ? <CodeField {...props} /> : <ChannelField {...props} />}
      {method.needs.includes('payer_id') && (
        <Item label={t('till.payerId')} hint={t('till.payerIdHint')} error={wrong('payer_id')}>
          {(id) => <Input id={id} {...text} value={values.payerId} maxLength={128} onChange={(e) => set({ payerId: e.target.value })} />}
        </Item>
      )}
      {method.needs.includes('card') && (
        <>
          <CardFields value={values.card} onChange={(card) => set({ card })} errors={cardErrors(wrong)} />
          <Item label={t('till.userRef')} hint={t('till.userRefHint')} error={wrong('user_ref')}>
            {(id) => <Input id={id} {...text} value={values.userRef} maxLength={64} onChange={(e) => set({ userRef: e.target.value })} />}
          </Item>
        </>
      )}
      {method.needs.includes('bound_card') && <BoundCardField {...props} />}
      {method.extra.map((field) => (
        <Item key={field.name} label={inLanguage(field.label, i18n.language)} error={wrong(`extra.${field.name}`)}>
          {(id) =>
            field.options.length > 0 ? (
              <Select id={id} allowClear={!field.required} value={values.extra[field.name]} onChange={(value) => set({ extra: { ...values.extra, [field.name]: value ?? '' } })} options={field.options.map((o) => ({ value: o.id, label: inLanguage(o.name, i18n.language) }))} />
            ) : (
              <Input id={id} {...text} value={values.extra[field.name] ?? ''} maxLength={field.max_length || 512} onChange={(e) => set({ extra: { ...values.extra, [field.name]: e.target.value } })} />
            )
          }
        </Item>
      ))}
      {method.needs.includes('client_ip') && (
        <Item label={t('till.clientIp')} hint={t('till.clientIpHint')} error={wrong('client_ip')}>
          {(id) => <Input id={id} {...text} value={values.clientIp} maxLength={45} onChange={(e) => set({ clientIp: e.target.value })} />}
        </Item>
      )}
      {method.needs.includes('return_url') && (
        <Item label={t('till.returnUrl')} hint={t('till.returnUrlHint')} error={wrong('return_url')}>
          {(id) => <Input id={id} {...text} inputMode="url" value={values.returnUrl} maxLength={255} onChange={(e) => set({ returnUrl: e.target.value })} />}
        </Item>
      )}
    </>
  );
}

function cardErrors(wrong: WayFieldsProps['wrong']) {
  const of = (field: string) => wrong(`card.${field}`);
  return { number: of('number'), expiry: of('expiry'), cvn2: of('cvn2'), holder_name: of('holder_name'), id_number: of('id_number'), phone: of('phone') };
}

function Item({ label, hint, error, children }: { label: string; hint?: ReactNode; error?: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <Form.Item label={label} htmlFor={id} extra={hint} {...(error ? { validateStatus: 'error' as const, help: error } : {})}>
      {children(id)}
    </Form.Item>
  );
}

/** Where the scanner types. Whose code it is stands below while it is read. */
function CodeField({ method, values, set, wrong, codeRef, onEnter }: WayFieldsProps) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const error = wrong('payer_code');
  const seen = recogniseCode(method, values.code.replaceAll(/\s/g, ''));
  const name = seen?.kind === 'known' ? [...new Set(seen.channels.map((c) => inLanguage(c.name, i18n.language)))].join(' / ') : '';
  const hint = seen?.kind === 'known' ? t('till.codeKnown', { name: name || t('till.code') }) : seen?.kind === 'foreign' ? t('till.codeForeign') : t('till.codeHint');
  return (
    <Form.Item
      label={t('till.code')}
      htmlFor={`${id}code`}
      extra={<span role="status" data-testid="code-kind" data-kind={seen?.kind} className={seen?.kind === 'known' ? 'zg-tone-good' : seen?.kind === 'foreign' ? 'zg-tone-waiting' : undefined}>{hint}</span>}
      {...(error ? { validateStatus: 'error' as const, help: error } : {})}
    >
      <Input id={`${id}code`} ref={codeRef} inputMode="numeric" autoComplete="off" spellCheck={false} value={values.code} onChange={(e) => set({ code: e.target.value })} onPressEnter={onEnter} maxLength={128} />
    </Form.Item>
  );
}

function ChannelField({ method, values, set, wrong }: WayFieldsProps) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const names = useNames();
  if (method.channels.length === 0) return null;
  // Two providers may each have the same wallet; then it matters whose it is.
  const several = method.providers.length > 1;
  const error = wrong('channel');
  return (
    <Form.Item label={t('till.channel')} htmlFor={`${id}channel`} {...(error ? { validateStatus: 'error' as const, help: error } : {})}>
      <Select
        id={`${id}channel`}
        value={method.channels.some((c) => c.id === values.channel) ? values.channel : undefined}
        allowClear={!method.channelRequired}
        placeholder={method.channelRequired ? undefined : t('till.anyChannel')}
        onChange={(channel) => set({ channel })}
        options={method.channels.map((c) => ({ value: c.id, label: [inLanguage(c.name, i18n.language), several && names.provider(c.provider)].filter(Boolean).join(' · ') }))}
      />
    </Form.Item>
  );
}

/** Cards that were kept before, at the accounts that serve this way. */
function BoundCardField({ method, values, set, wrong }: WayFieldsProps) {
  const { t } = useTranslation();
  const cards = useBoundCards();
  const usable = (cards.data ?? []).filter((c) => method.accounts.includes(c.account_id));
  return (
    <Item
      label={t('till.boundCard')}
      error={wrong('bound_card_id')}
      hint={cards.data && usable.length === 0 ? <>{t('till.noBoundCard')} <Link to="/cards">{t('nav.cards')}</Link></> : undefined}
    >
      {(id) => (
        <Select id={id} showSearch={{ optionFilterProp: 'label' }} loading={cards.isPending} value={values.boundCard} onChange={(boundCard) => set({ boundCard })} options={usable.map((c) => ({ value: c.id, label: `${c.user_ref} · ${c.bank_name} ${c.masked}` }))} />
      )}
    </Item>
  );
}
