import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { otherWords } from '@/i18n';
import { api, call, type Schemas } from '@/lib/api/client';
import { useMay } from '@/lib/permissions';
import { useOffered } from '@/lib/offered';
import type { Language } from '@/lib/preferences';
import { useSession } from '@/lib/session';
import { menuFor } from './menu';

/** One thing that can be opened. */
export interface Entry {
  to: string;
  /** What it is, in a word; none for a page. */
  kind?: string;
  /** What it is known by: a number or a name. */
  label: string;
  /** A few more words. */
  note?: string;
  fen?: number;
  payment?: Schemas['Payment'];
  refund?: Schemas['Refund'];
}

export interface EntryGroup {
  kind: 'found' | 'merchants' | 'pages' | 'recent';
  entries: Entry[];
}

// Where things live that have a page of their own.
const homes: Record<Schemas['FoundRecord']['kind'], string> = {
  payout_batch: '/payouts/batches', case: '/cases', approval: '/approvals', callback: '/callbacks', webhook_delivery: '/webhook-deliveries', difference: '/differences',
};

function entriesOf(found: Schemas['SearchResult']): Entry[] {
  return [
    ...found.payments.map((p) => ({ to: `/orders/${p.id}`, kind: 'payment', label: p.order_no, note: p.subject, fen: p.amount, payment: p })),
    ...found.refunds.map((r) => ({ to: `/refunds/${r.id}`, kind: 'refund', label: r.refund_no, note: r.reason, fen: r.amount, refund: r })),
    ...found.payouts.map((p) => ({ to: `/payouts/${p.id}`, kind: 'payout', label: p.payout_no, fen: p.amount })),
    ...found.others.map((o) => ({ to: `${homes[o.kind]}/${o.id}`, kind: o.kind, label: o.label || o.id })),
  ];
}

/** Whether a text may be a number: none has spaces, and all are long or have digits. */
function mayBeNumber(text: string): boolean {
  return /^\S{3,64}$/.test(text) && /\d/.test(text);
}

/** What the text finds. Numbers are looked up by the server, pages here. */
export function useEntries(text: string): { groups: EntryGroup[]; pending: boolean; error: unknown } {
  const { i18n, t } = useTranslation();
  const may = useMay();
  const { me, tenantId } = useSession();
  const pages = menuFor(may, tenantId, useOffered()).flatMap((group) => group.items);
  const [names, setNames] = useState<Record<string, string[]>>({});
  const keys = pages.map((page) => page.label).join(' ');
  useEffect(() => {
    let over = false;
    void otherWords(i18n.language as Language, keys.split(' ')).then((found) => !over && setNames(found));
    return () => {
      over = true;
    };
  }, [i18n.language, keys]);

  const number = mayBeNumber(text);
  const search = useQuery({
    queryKey: ['search', text],
    queryFn: () => call(() => api.GET('/v1/search', { params: { query: { number: text } } })),
    select: entriesOf,
    enabled: number,
    retry: false,
  });
  const named = me.platform && !tenantId && may('tenants:read') && text.length > 0;
  const merchants = useQuery({
    queryKey: ['tenants', 'palette', text],
    queryFn: () => call(() => api.GET('/v1/tenants', { params: { query: { search: text, limit: 5 } } })),
    select: (r): Entry[] => r.items.map((m) => ({ to: `/merchants/${m.id}`, label: m.name })),
    placeholderData: keepPreviousData,
    enabled: named,
  });

  const wanted = text.toLowerCase();
  const matching = pages.filter((page) => wanted !== '' && [t(page.label), ...(names[page.label] ?? [])].some((name) => name.toLowerCase().includes(wanted)));
  const groups: EntryGroup[] = [
    { kind: 'found', entries: number ? (search.data ?? []) : [] },
    { kind: 'merchants', entries: named ? (merchants.data ?? []) : [] },
    { kind: 'pages', entries: matching.map((page) => ({ to: page.to, label: t(page.label) })) },
  ];
  return { groups, pending: search.isLoading || merchants.isLoading, error: search.error };
}

const MOST_RECENT = 6;

function recentKey(user: string | undefined, tenantId: string | undefined): string {
  return `zhanggui.recent.${user ?? ''}.${tenantId ?? ''}`;
}

/** What this person opened last in this browser, here. Numbers and where they lead, nothing else. */
export function useRecent(): { recent: Entry[]; remember: (entry: Entry) => void } {
  const { me, tenantId } = useSession();
  const key = recentKey(me.user?.id, tenantId);
  const [recent, setRecent] = useState<Entry[]>(() => read(key));
  return {
    recent,
    remember: ({ to, kind, label }) => {
      if (!kind) return;
      const next = [{ to, kind, label }, ...recent.filter((one) => one.to !== to)].slice(0, MOST_RECENT);
      setRecent(next);
      try {
        localStorage.setItem(key, JSON.stringify(next));
      } catch {
        // Kept for this page only.
      }
    },
  };
}

function read(key: string): Entry[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(kept) ? (kept as Entry[]).filter((e) => typeof e.to === 'string' && e.to.startsWith('/') && typeof e.label === 'string') : [];
  } catch {
    return [];
  }
}
