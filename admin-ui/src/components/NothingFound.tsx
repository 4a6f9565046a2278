import { CloseOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { asMoment, periodNamed, type Period } from '@/lib/period';
import { filtersOf, useFilters } from '@/lib/useFilters';
import { EmptyState } from './EmptyState';

/** What a filter is called, where its values alone do not say it, and what one of its values is. */
export type FilterNames = Record<string, string | { label?: string; value: (value: string) => string }>;

export interface NothingFoundProps {
  title: string;
  names: FilterNames;
  /** The part of the list that is not looked at, and what the address says to do so; no filter, but where a row may be. */
  elsewhere?: { key: string; value: string | undefined; label: string };
  /** The list is one of days: its periods do not move with the clock. */
  byDay?: boolean;
}

const PERIOD = ['range', 'from', 'to'];
const wider: Record<string, Period[]> = { '30m': ['today', '7d', '30d'], '1h': ['today', '7d', '30d'], today: ['7d', '30d'], yesterday: ['7d', '30d'], '7d': ['30d'], custom: ['7d', '30d'], month: ['30d'] };

/** A list that is empty because of its filters: which they are, and one click to each wider one. */
export default function NothingFound({ title, names, elsewhere, byDay }: NothingFoundProps) {
  const { t } = useTranslation();
  const { search, change, clear } = useFilters();
  const period = periodNamed(search);
  const filters = filtersOf(search, elsewhere?.key).filter((key) => !PERIOD.includes(key));
  const open = { range: undefined, from: undefined, to: undefined };
  const between = [asMoment(search.get('from'), false), asMoment(search.get('to'), true)].map((m) => m.replace('T', ' ') || '…').join(' – ');
  return (
    <EmptyState
      title={title}
      hint={t(period === 'all' ? 'lists.whyFilters' : 'lists.why', { period: period === 'custom' ? between : t(`orders.period.${period}`), count: filters.length })}
      action={
        <div className="zg-stack-tight" data-testid="nothing-found">
          {filters.length > 0 && (
            <ul className="zg-row zg-center" aria-label={t('common.filters')}>
              {filters.map((key) => {
                const words = describe(names[key], search.getAll(key), t('lists.anotherFilter'));
                return <li key={key}><Button size="small" icon={<CloseOutlined aria-hidden="true" />} iconPlacement="end" onClick={() => change({ [key]: undefined })} aria-label={t('lists.dropFilter', { filter: words })}>{words}</Button></li>;
              })}
            </ul>
          )}
          <div className="zg-row zg-center">
            {elsewhere && (search.get(elsewhere.key) ?? undefined) !== elsewhere.value && (
              <Button onClick={() => change({ [elsewhere.key]: elsewhere.value })}>{t('lists.lookIn', { part: elsewhere.label })}</Button>
            )}
            {!byDay && (wider[period] ?? []).map((p) => <Button key={p} onClick={() => change({ ...open, range: p })}>{t('lists.widenTo', { period: t(`orders.period.${p}`) })}</Button>)}
            {period !== 'all' && <Button onClick={() => change(open)}>{t('lists.anyTime')}</Button>}
            <Button type="link" onClick={clear}>{t('common.clearFilters')}</Button>
          </div>
        </div>
      }
    />
  );
}

function describe(name: FilterNames[string] | undefined, values: string[], another: string): string {
  if (name === undefined) return `${another} ${values.join(', ')}`;
  if (typeof name === 'string') return `${name} ${values.join(', ')}`;
  return [name.label, values.map(name.value).join(', ')].filter(Boolean).join(' ');
}
