import { Button, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { beijingDay } from '@/lib/beijing';
import { asMoment, periodNamed, periods } from '@/lib/period';
import { useFilters } from '@/lib/useFilters';

interface ChoiceProps {
  name: string;
  label: string;
  options: { value: string; label: string }[];
  multiple?: boolean;
  wide?: boolean;
}

/** One filter with a list to choose from. */
export function ChoiceFilter({ name, label, options, multiple, wide }: ChoiceProps) {
  const { search, change } = useFilters();
  const common = { className: wide ? 'zg-filter-wide' : 'zg-filter', 'aria-label': label, placeholder: label, allowClear: true, options };
  if (multiple) return <Select {...common} mode="multiple" maxTagCount="responsive" value={search.getAll(name)} onChange={(values: string[]) => change({ [name]: values })} />;
  return <Select {...common} value={search.get(name) ?? undefined} onChange={(value: string | undefined) => change({ [name]: value })} />;
}

/** One filter that is typed; it holds once Enter or the sign is pressed. */
export function TextFilter({ name, label, maxLength = 64 }: { name: string; label: string; maxLength?: number }) {
  const { search, change } = useFilters();
  const value = search.get(name) ?? '';
  return (
    <Input.Search
      key={value}
      className="zg-filter-wide"
      defaultValue={value}
      placeholder={label}
      aria-label={label}
      onSearch={(typed) => change({ [name]: typed.trim() })}
      maxLength={maxLength}
      allowClear
    />
  );
}

/** In which state: any of those that a kind of object has, and doubt, which is asked for apart from them. */
export function StateFilter({ states, words }: { states: readonly string[]; words: 'payment' | 'refund' | 'payout' }) {
  const { t } = useTranslation();
  const { search, change } = useFilters();
  const value = [...search.getAll('state'), ...(search.get('unknown') === 'true' ? ['unknown'] : [])];
  return (
    <Select
      mode="multiple"
      className="zg-filter-wide"
      aria-label={t('common.status')}
      placeholder={t('orders.anyState')}
      value={value}
      maxTagCount="responsive"
      allowClear
      options={[{ value: 'unknown', label: t('states.unknown') }, ...states.map((s) => ({ value: s, label: t(`states.${words}.${s}`) }))]}
      onChange={(values: string[]) => change({ state: values.filter((v) => v !== 'unknown'), unknown: values.includes('unknown') ? 'true' : undefined })}
    />
  );
}

/** From when to when: a period that moves with the clock, or moments of one's own. */
export function PeriodFilter() {
  const { t } = useTranslation();
  const { search, change } = useFilters();
  const named = periodNamed(search);
  const from = asMoment(search.get('from'), false);
  const to = asMoment(search.get('to'), true);
  const choose = (value: string) => {
    const today = beijingDay(Date.now());
    if (value === 'custom') change({ range: undefined, from: `${today}T00:00`, to: `${today}T23:59` });
    else change({ range: value === 'all' ? undefined : value, from: undefined, to: undefined });
  };
  return (
    <>
      <Select
        className="zg-filter"
        aria-label={t('orders.days')}
        value={named}
        onChange={choose}
        options={['all' as const, ...periods, 'custom' as const].map((value) => ({ value, label: t(`orders.period.${value}`) }))}
        listHeight={320}
      />
      {named === 'custom' && (
        <>
          <Input className="zg-filter-moment" type="datetime-local" aria-label={t('common.from')} value={from} max={to || undefined} onChange={(e) => change({ from: e.target.value })} />
          <Input className="zg-filter-moment" type="datetime-local" aria-label={t('common.to')} value={to} min={from || undefined} onChange={(e) => change({ to: e.target.value })} />
        </>
      )}
    </>
  );
}

/** The first and the last day, where days are what counts. */
export function DayFilters() {
  const { t } = useTranslation();
  const { search, change } = useFilters();
  const from = search.get('from') ?? '';
  const to = search.get('to') ?? '';
  return (
    <>
      <Input className="zg-filter" type="date" aria-label={t('common.from')} value={from} max={to || undefined} onChange={(e) => change({ from: e.target.value })} />
      <Input className="zg-filter" type="date" aria-label={t('common.to')} value={to} min={from || undefined} onChange={(e) => change({ to: e.target.value })} />
    </>
  );
}

/** Takes all filters back, where any is chosen. */
export function ClearFilters() {
  const { t } = useTranslation();
  const { filtered, clear } = useFilters();
  if (!filtered) return null;
  return <Button type="link" onClick={clear}>{t('common.clearFilters')}</Button>;
}
