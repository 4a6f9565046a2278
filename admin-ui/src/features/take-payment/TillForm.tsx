import { Button, Form, Input, type InputRef, Select } from 'antd';
import { useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import { asApiError } from '@/lib/api/error';
import { parseYuan } from '@/lib/money';
import { type Payment, useStores, useTerminals } from '@/lib/queries';
import type { Schemas } from '@/lib/api/client';
import { useMay } from '@/lib/permissions';
import { useSession } from '@/lib/session';
import { usePhone } from '@/lib/viewport';
import type { PaymentContent } from './api';
import { contentOf, emptyValues, plainCode, type Problem, problemsOf, type TillValues } from './content';
import { Keypad } from './Keypad';
import { MethodPicker } from './MethodPicker';
import { looksScanned, waysToPay } from './offers';
import { rememberTill, rememberedTill } from './remember';
import { SameAmount } from './SameAmount';
import { WayFields } from './WayFields';

interface TillFormProps {
  offers: Schemas['PaymentMethod'][];
  /** Payments of the last hour that nobody knows the end of yet. */
  unfinished: Payment[];
  busy: boolean;
  locked: boolean;
  error: unknown;
  onSubmit: (content: PaymentContent) => void;
}

/** The till: how, how much, and what the way asks for. Enter moves on, and submits at the end. */
export function TillForm({ offers, unfinished, busy, locked, error, onSubmit }: TillFormProps) {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const may = useMay();
  const phone = usePhone();
  const [remembered] = useState(() => rememberedTill(tenantId));
  const [chosen, setChosen] = useState(remembered.method);
  const [values, setValues] = useState<TillValues>(() => ({ ...emptyValues(window.location.origin), store: remembered.store, terminal: remembered.terminal }));
  const [checked, setChecked] = useState(false);
  const [moved, setMoved] = useState(false);
  const [sent, setSent] = useState<string>();
  const [asking, setAsking] = useState(false);
  const [agreed, setAgreed] = useState<string[]>([]);
  const amountRef = useRef<InputRef>(null);
  const codeRef = useRef<InputRef>(null);
  const id = useId();
  const stores = useStores(tenantId).data ?? [];
  const set = (change: Partial<TillValues>) => setValues((before) => ({ ...before, ...change }));

  // A merchant with one store has nothing to choose.
  const store = stores.some((s) => s.id === values.store) ? values.store : stores.length === 1 ? stores[0]!.id : undefined;
  const terminals = (useTerminals(tenantId).data ?? []).filter((x) => x.store_id === store);
  const methods = waysToPay(offers, store).filter((m) => !m.needs.includes('bound_card') || may('cards:read'));
  const method = methods.find((m) => m.method === chosen) ?? methods[0];
  if (!method) return <p className="zg-muted" role="status">{t('till.noMethodsInStore')}</p>;

  const barcode = method.needs.includes('payer_code');
  const used: TillValues = {
    ...values,
    store,
    terminal: terminals.some((x) => x.id === values.terminal) ? values.terminal : undefined,
    channel: method.channels.some((c) => c.id === values.channel) ? values.channel : undefined,
  };
  const problems: Record<string, Problem> = problemsOf(method, used);
  const scannedAmount = !barcode && looksScanned(values.amount);
  if (scannedAmount) problems.amount = 'scannedAmount';
  const sentence = (field: string, problem: Problem) => (field === 'amount' && problem !== 'scannedAmount' ? t(`amount.${problem}`) : t(`till.problems.${problem}`));
  const wrong = (field: string) => (checked && problems[field] ? sentence(field, problems[field]) : undefined) ?? fieldError(t, error, `/${field.replace('.', '/')}`) ?? fieldError(t, error, field);

  const { fen } = parseYuan(values.amount);
  const inDoubt = unfinished.filter((p) => p.amount === fen);
  const content = () => contentOf(method, used, fen!, t('till.defaultSubject'));
  const send = () => {
    rememberTill(tenantId, { method: method.method, store, terminal: values.terminal });
    setSent(JSON.stringify(content()));
    onSubmit(content());
  };
  const submit = () => {
    setChecked(true);
    setMoved(false);
    if (problems.amount) return amountRef.current?.focus({ cursor: 'all' });
    if (problems.payer_code) return codeRef.current?.focus();
    if (Object.keys(problems).length > 0) return;
    // The very same once more keeps its number, and is the same order.
    const again = Boolean(error) && sent === JSON.stringify(content());
    if (again || !inDoubt.some((p) => !agreed.includes(p.id))) return send();
    // Taking it again is how one pays twice: never without being asked.
    setAsking(true);
  };
  const otherCustomer = () => {
    setAgreed([...agreed, ...inDoubt.map((p) => p.id)]);
    setAsking(false);
    send();
  };
  const enterInAmount = () => {
    // Somebody scanned before typing the amount: the code goes where it belongs.
    if (looksScanned(values.amount)) {
      if (!barcode) return setChecked(true);
      setMoved(true);
      return set({ amount: '', code: values.amount.trim() });
    }
    if (barcode && !plainCode(values) && !problems.amount) return codeRef.current?.focus();
    submit();
  };
  const amountError = wrong('amount');
  const param = asApiError(error).param;
  const refused = Boolean(error) && !(param && beside(param, method.extra));

  return (
    <Form layout="vertical" size="large" requiredMark={false} disabled={locked} className="zg-till-form" data-testid="till-form">
      {methods.length > 1 && <MethodPicker methods={methods} value={method.method} onChange={(m) => { setChosen(m); setChecked(false); }} disabled={locked || busy} />}
      <Form.Item label={t('till.amount')} htmlFor={`${id}amount`} {...(amountError ? { validateStatus: 'error' as const, help: amountError } : {})} extra={moved ? <span role="status">{t('till.codeMoved')}</span> : undefined}>
        <Input
          id={`${id}amount`}
          ref={amountRef}
          className="zg-till-amount"
          prefix="¥"
          inputMode={phone ? 'none' : 'decimal'}
          autoComplete="off"
          autoFocus
          value={values.amount}
          onChange={(e) => set({ amount: e.target.value })}
          onPressEnter={enterInAmount}
          maxLength={64}
        />
      </Form.Item>
      {phone && !locked && <Keypad value={values.amount} onChange={(amount) => set({ amount })} disabled={busy} />}
      <WayFields method={method} values={used} set={set} wrong={wrong} codeRef={codeRef} onEnter={submit} />
      {stores.length > 1 && (
        <div className="zg-pair">
          <Form.Item label={t('till.store')} htmlFor={`${id}store`} {...(wrong('store_id') ? { validateStatus: 'error' as const, help: wrong('store_id') } : {})}>
            <Select id={`${id}store`} value={store} allowClear onChange={(v) => set({ store: v, terminal: undefined })} options={stores.map((s) => ({ value: s.id, label: s.name }))} />
          </Form.Item>
          {terminals.length > 0 && <Terminal id={`${id}terminal`} value={used.terminal} terminals={terminals} onChange={(terminal) => set({ terminal })} error={wrong('terminal_id')} />}
        </div>
      )}
      <details className="zg-details zg-modal-lead" open={Boolean(wrong('subject') ?? wrong('merchant_order_no')) || undefined}>
        <summary>{t('till.more')}</summary>
        {stores.length === 1 && terminals.length > 0 && <Terminal id={`${id}terminal`} value={used.terminal} terminals={terminals} onChange={(terminal) => set({ terminal })} error={wrong('terminal_id')} />}
        <Form.Item label={t('till.subject')} htmlFor={`${id}subject`} {...(wrong('subject') ? { validateStatus: 'error' as const, help: wrong('subject') } : {})}>
          <Input id={`${id}subject`} value={values.subject} placeholder={t('till.defaultSubject')} maxLength={64} onChange={(e) => set({ subject: e.target.value })} />
        </Form.Item>
        <Form.Item label={t('till.orderNo')} htmlFor={`${id}order`} extra={t('till.orderNoHint')} {...(wrong('merchant_order_no') ? { validateStatus: 'error' as const, help: wrong('merchant_order_no') } : {})}>
          <Input id={`${id}order`} value={values.orderNo} maxLength={64} onChange={(e) => set({ orderNo: e.target.value })} />
        </Form.Item>
      </details>
      {refused && (
        <Form.Item>
          <ErrorSentence error={error} />
        </Form.Item>
      )}
      <div className="zg-till-go">
        <Button type="primary" block loading={busy} disabled={locked} onClick={submit} data-testid="till-submit">
          {t(barcode ? 'till.charge' : method.method.endsWith('code') || method.method === 'qr' ? 'till.showQr' : method.needs.includes('card') || method.needs.includes('bound_card') ? 'till.sendCode' : 'till.create')}
        </Button>
      </div>
      <SameAmount open={asking} amount={fen ?? 0} onGoOn={otherCustomer} onCancel={() => setAsking(false)} />
    </Form>
  );
}

const shownHere = ['amount', 'payer_code', 'subject', 'merchant_order_no', 'store_id', 'terminal_id', 'channel', 'payer_id', 'return_url', 'client_ip', 'bound_card_id', 'user_ref'];

/** Whether the form says a refusal beside the field that the server named. */
function beside(param: string, extra: Schemas['InputField'][]): boolean {
  const field = param.replace(/^\//, '').replace('/', '.');
  return shownHere.includes(field) || /^card\.(number|expiry|cvn2|holder_name|id_number|phone)$/.test(field) || extra.some((f) => field === `extra.${f.name}`);
}

function Terminal({ id, value, terminals, onChange, error }: { id: string; value?: string; terminals: Schemas['Terminal'][]; onChange: (terminal: string | undefined) => void; error?: string }) {
  const { t } = useTranslation();
  return (
    <Form.Item label={t('till.terminal')} htmlFor={id} {...(error ? { validateStatus: 'error' as const, help: error } : {})}>
      <Select id={id} value={value} allowClear onChange={onChange} options={terminals.map((x) => ({ value: x.id, label: x.name }))} />
    </Form.Item>
  );
}
