import type { TableColumnsType } from 'antd';
import { createContext, useContext } from 'react';
import { useSearchParams } from 'react-router';
import { arrange, asKept, type Choice, columnsOfAddress, keptColumns } from '@/lib/columns';
import { PLAIN } from '@/lib/useFilters';
import { useUserSetting } from '@/lib/userSettings';

/** The columns of a list as this person wants them: from the address when a view is looked at, else from what they have set. */
export interface ColumnLayout<Row> {
  columns: TableColumnsType<Row>;
  /** All that can be chosen, in order, with their names. */
  choices: Choice[];
  label: (name: string) => string;
  change: (choices: Choice[]) => void;
  reset: () => void;
  changed: boolean;
  pending: boolean;
  error: unknown;
}

/** In the address: the columns of the view that is looked at. */
export const COLUMNS_PARAM = 'cols';

export function useColumnLayout<Row>(list: string, all: TableColumnsType<Row>): ColumnLayout<Row> {
  const [search, setSearch] = useSearchParams();
  const setting = useUserSetting(`columns.${list}`);
  const text = search.get(COLUMNS_PARAM);
  // A column without a name in words, such as that of buttons, stays where it is.
  const named = all.filter((c) => typeof c.title === 'string');
  const known = named.map((c) => String(c.key));
  const ofAddress = columnsOfAddress(text, known);
  const choices = arrange(known, ofAddress ?? keptColumns(setting.value));
  const inOrder = choices.filter((c) => c.on).map((c) => named.find((n) => n.key === c.name)!);
  const write = (value: string | undefined) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === undefined) next.delete(COLUMNS_PARAM);
        else next.set(COLUMNS_PARAM, value);
        return next;
      },
      { ...PLAIN, replace: true },
    );
  return {
    columns: [...inOrder, ...all.filter((c) => typeof c.title !== 'string')],
    choices,
    label: (name) => String(named.find((n) => n.key === name)?.title ?? name),
    change: (next) => (ofAddress ? write(next.filter((c) => c.on).map((c) => c.name).join(',')) : setting.keep(asKept(next))),
    reset: () => (ofAddress ? write(undefined) : setting.keep(undefined)),
    changed: Boolean(ofAddress) || setting.value !== undefined,
    pending: setting.pending,
    error: setting.error,
  };
}

/** The keys of the columns that the list around shows, for what follows them. */
export const VisibleColumns = createContext<readonly string[] | undefined>(undefined);

export function useVisibleColumns(): readonly string[] | undefined {
  return useContext(VisibleColumns);
}
