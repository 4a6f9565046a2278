import { Button, Form, Input, type InputRef, Segmented, Select } from 'antd';
import { useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { asApiError } from '@/lib/api/error';
import { parseYuan } from '@/lib/money';
import { useStores, useTerminals } from '@/lib/queries';
import { inLanguage } from '@/lib/schema';
import { useSession } from '@/lib/session';
import type { PaymentContent, TillMethod } from './api';
import { rememberTill, rememberedTill } from './remember';

interface TillFormProps {
  methods: TillMethod[];
  busy: boolean;
  locked: boolean;
  error: unknown;
  onSubmit: (content: PaymentContent) => void;
}

// What a scanner reads is longer than any amount a person types.
const looksScanned = (text: string) => /^\d{15,32}$/.test(text.trim());
const shownHere = ['/amount', '/payer_code', '/subject', '/merchant_order_no', '/store_id', '/terminal_id', '/channel'];

/** The till: amount, then the customer's code. Enter moves on, and submits at the end. */
export function TillForm({ methods, busy, locked, error, onSubmit }: TillFormProps) {
  const { t, i18n } = useTranslation();
  const { tenantId } = useSession();
  const [remembered] = useState(() => rememberedTill(tenantId));
  const [chosen, setChosen] = useState(remembered.method);
  const [values, setValues] = useState({ amount: '', code: '', subject: '', orderNo: '', store: remembered.store, terminal: remembered.terminal, channel: undefined as string | undefined });
  const [checked, setChecked] = useState(false);
  const amountRef = useRef<InputRef>(null);
  const codeRef = useRef<InputRef>(null);
  const id = useId();
  const stores = useStores(tenantId).data ?? [];

  const method = methods.find((m) => m.method === chosen) ?? methods[0]!;
  const barcode = method.method === 'barcode';
  const set = (change: Partial<typeof values>) => setValues((before) => ({ ...before, ...change }));
  const parsed = parseYuan(values.amount);
  const code = values.code.replaceAll(/\s/g, '');
  // A merchant with one store has nothing to choose.
  const store = stores.some((s) => s.id === values.store) ? values.store : stores.length === 1 ? stores[0]!.id : undefined;
  const terminals = (useTerminals(tenantId).data ?? []).filter((x) => x.store_id === store);

  const problem = (field: string, own?: string) => {
    const sentence = (checked && own) || fieldError(t, error, `/${field}`);
    return sentence ? { validateStatus: 'error' as const, help: sentence } : {};
  };

  const submit = () => {
    setChecked(true);
    if (parsed.problem) return amountRef.current?.focus({ cursor: 'all' });
    if (barcode && !code) return codeRef.current?.focus();
    if (method.channelRequired && !values.channel) return;
    rememberTill(tenantId, { method: method.method, store, terminal: values.terminal });
    onSubmit({
      method: method.method,
      amount: parsed.fen,
      subject: values.subject.trim() || t('till.defaultSubject'),
      ...(barcode ? { payer_code: code } : {}),
      ...(!barcode && values.channel ? { channel: values.channel } : {}),
      ...(store ? { store_id: store } : {}),
      ...(terminals.some((x) => x.id === values.terminal) ? { terminal_id: values.terminal } : {}),
      ...(values.orderNo.trim() ? { merchant_order_no: values.orderNo.trim() } : {}),
    });
  };

  const enterInAmount = () => {
    // Somebody scanned before typing the amount: the code goes where it belongs.
    if (barcode && looksScanned(values.amount)) return set({ amount: '', code: values.amount.trim() });
    if (barcode && !code && !parsed.problem) return codeRef.current?.focus();
    submit();
  };
  const refused = Boolean(error) && !shownHere.includes(asApiError(error).param ?? '');

  return (
    <Form layout="vertical" size="large" requiredMark={false} disabled={locked} data-testid="till-form">
      {methods.length > 1 && (
        <Form.Item>
          <Segmented
            block
            aria-label={t('till.method')}
            value={method.method}
            disabled={locked || busy}
            onChange={(value) => setChosen(String(value))}
            options={methods.map((m) => ({ value: m.method, label: inLanguage(m.name, i18n.language) }))}
          />
        </Form.Item>
      )}
      <Form.Item label={t('till.amount')} htmlFor={`${id}amount`} {...problem('amount', parsed.problem && t(`amount.${parsed.problem}`))}>
        <Input
          id={`${id}amount`}
          ref={amountRef}
          className="zg-till-amount"
          prefix="¥"
          inputMode="decimal"
          autoComplete="off"
          autoFocus
          value={values.amount}
          onChange={(e) => set({ amount: e.target.value })}
          onPressEnter={enterInAmount}
          maxLength={32}
        />
      </Form.Item>
      {barcode && (
        <Form.Item label={t('till.code')} htmlFor={`${id}code`} extra={t('till.codeHint')} {...problem('payer_code', code ? undefined : t('till.codeRequired'))}>
          <Input
            id={`${id}code`}
            ref={codeRef}
            inputMode="numeric"
            autoComplete="off"
            spellCheck={false}
            value={values.code}
            onChange={(e) => set({ code: e.target.value })}
            onPressEnter={submit}
            maxLength={128}
          />
        </Form.Item>
      )}
      {!barcode && method.channels.length > 0 && (
        <Form.Item label={t('till.channel')} htmlFor={`${id}channel`} {...problem('channel', method.channelRequired && !values.channel ? t('till.channelRequired') : undefined)}>
          <Select
            id={`${id}channel`}
            value={values.channel}
            allowClear={!method.channelRequired}
            placeholder={method.channelRequired ? undefined : t('till.anyChannel')}
            onChange={(channel) => set({ channel })}
            options={method.channels.map((c) => ({ value: c.id, label: inLanguage(c.name, i18n.language) }))}
          />
        </Form.Item>
      )}
      <Form.Item label={t('till.subject')} htmlFor={`${id}subject`} {...problem('subject')}>
        <Input id={`${id}subject`} value={values.subject} placeholder={t('till.defaultSubject')} maxLength={64} onChange={(e) => set({ subject: e.target.value })} />
      </Form.Item>
      {stores.length > 0 && (
        <div className="zg-pair">
          <Form.Item label={t('till.store')} htmlFor={`${id}store`} {...problem('store_id')}>
            <Select id={`${id}store`} value={store} allowClear onChange={(v) => set({ store: v, terminal: undefined })} options={stores.map((s) => ({ value: s.id, label: s.name }))} />
          </Form.Item>
          {terminals.length > 0 && (
            <Form.Item label={t('till.terminal')} htmlFor={`${id}terminal`} {...problem('terminal_id')}>
              <Select id={`${id}terminal`} value={values.terminal} allowClear onChange={(v) => set({ terminal: v })} options={terminals.map((x) => ({ value: x.id, label: x.name }))} />
            </Form.Item>
          )}
        </div>
      )}
      <details className="zg-details zg-modal-lead">
        <summary>{t('till.more')}</summary>
        <Form.Item label={t('till.orderNo')} htmlFor={`${id}order`} extra={t('till.orderNoHint')} {...problem('merchant_order_no')}>
          <Input id={`${id}order`} value={values.orderNo} maxLength={64} onChange={(e) => set({ orderNo: e.target.value })} />
        </Form.Item>
      </details>
      {refused && (
        <Form.Item>
          <ErrorSentence error={error} />
        </Form.Item>
      )}
      <Button type="primary" block loading={busy} disabled={locked} onClick={submit} data-testid="till-submit">
        {barcode ? t('till.charge') : t('till.showQr')}
      </Button>
    </Form>
  );
}
