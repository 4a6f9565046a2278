import { App, Input, Select } from 'antd';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { errorSentence } from '@/components/ErrorSentence';
import { ChoiceFilter, ClearFilters, PeriodFilter, StateFilter } from '@/components/Filters';
import { api, call } from '@/lib/api/client';
import { asApiError } from '@/lib/api/error';
import { useNames, useProviders, useStores } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { useFilters } from '@/lib/useFilters';
import { usePhone } from '@/lib/viewport';
import { amountParam, paymentSorts, paymentStates } from './filters';

/** The filters of the order list. They live in the address, so a list can be kept and sent on. */
export function OrderFilters() {
  const { search, change } = useFilters();
  const { t } = useTranslation();
  return (
    <>
      <NumberFilter key={`number${search.get('number') ?? ''}`} />
      <StateFilter states={paymentStates} words="payment" />
      <MoreFilters>
        <PeriodFilter />
        <ChoiceFilters />
        <AmountFilter name="min" label={t('orders.minAmount')} key={`min${search.get('min') ?? ''}`} onChange={(v) => change({ min: v })} />
        <AmountFilter name="max" label={t('orders.maxAmount')} key={`max${search.get('max') ?? ''}`} onChange={(v) => change({ max: v })} />
      </MoreFilters>
      <ClearFilters />
    </>
  );
}

/** On a phone the rarer filters fold away. */
function MoreFilters({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const folded = ['range', 'from', 'to', 'method', 'provider', 'store', 'min', 'max', 'sort'];
  if (!usePhone()) return children;
  return (
    <details className="zg-details zg-more-filters" open={folded.some((key) => search.has(key))}>
      <summary>{t('orders.moreFilters')}</summary>
      <div>
        {children}
        {/* Cards have no headings to order them by. */}
        <ChoiceFilter name="sort" label={t('orders.sort')} options={paymentSorts.map((s) => ({ value: s, label: t(`orders.sorts.${s}`) }))} />
      </div>
    </details>
  );
}

function NumberFilter() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { search, change } = useFilters();
  const navigate = useNavigate();
  const [text, setText] = useState(search.get('number') ?? '');

  const submit = async (value: string) => {
    const number = value.trim();
    if (!number) return change({ number: undefined });
    try {
      const found = await call(() => api.GET('/v1/search', { params: { query: { number } } }));
      const only = found.payments.length === 1 && found.refunds.length === 0 ? found.payments[0] : undefined;
      if (only) void navigate(`/orders/${only.id}`);
      else change({ number });
    } catch (error) {
      void message.error(errorSentence(t, asApiError(error)));
    }
  };
  return (
    <Input.Search
      className="zg-filter-wide"
      value={text}
      onChange={(e) => setText(e.target.value)}
      onSearch={(value) => void submit(value)}
      placeholder={t('orders.anyNumber')}
      aria-label={t('orders.anyNumber')}
      maxLength={128}
      allowClear
    />
  );
}

function ChoiceFilters() {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const { search, change } = useFilters();
  const names = useNames();
  const providers = useProviders().data ?? [];
  const stores = useStores(tenantId).data ?? [];
  const methods = new Map(providers.flatMap((p) => p.manifest?.products.flatMap((x) => x.methods).map((m) => [m.method, names.method(p.id, m.method)] as const) ?? []));
  return (
    <>
      {providers.length > 1 && (
        <Select
          className="zg-filter"
          aria-label={t('orders.provider')}
          placeholder={t('orders.provider')}
          value={search.get('provider') ?? undefined}
          allowClear
          options={providers.map((p) => ({ value: p.id, label: names.provider(p.id) }))}
          onChange={(v) => change({ provider: v })}
        />
      )}
      <Select
        className="zg-filter"
        aria-label={t('orders.method')}
        placeholder={t('orders.method')}
        value={search.get('method') ?? undefined}
        allowClear
        options={[...methods].map(([value, label]) => ({ value, label }))}
        onChange={(v) => change({ method: v })}
      />
      {stores.length > 0 && (
        <Select
          mode="multiple"
          className="zg-filter"
          aria-label={t('orders.store')}
          placeholder={t('orders.store')}
          value={search.getAll('store')}
          maxTagCount="responsive"
          allowClear
          options={stores.map((s) => ({ value: s.id, label: s.name }))}
          onChange={(v: string[]) => change({ store: v })}
        />
      )}
    </>
  );
}

function AmountFilter({ name, label, onChange }: { name: string; label: string; onChange: (value: string | undefined) => void }) {
  const [search] = useSearchParams();
  const [text, setText] = useState(search.get(name) ?? '');
  const commit = () => {
    if (text === (search.get(name) ?? '')) return;
    const value = amountParam(text);
    setText(value ?? '');
    onChange(value);
  };
  return (
    <Input
      className="zg-filter-amount"
      prefix="¥"
      inputMode="decimal"
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(e) => setText(e.target.value)}
      onBlur={commit}
      onPressEnter={commit}
      maxLength={16}
    />
  );
}
