import { SaveOutlined, UnorderedListOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useNavigate, useSearchParams } from 'react-router';
import { isWorthKeeping, keptViews, openedView, addressOf, type KeptViews } from '@/lib/views';
import { PLAIN } from '@/lib/useFilters';
import { useUserSetting } from '@/lib/userSettings';
import { lazyWithWords } from '@/lib/words';
import type { ManageViewsProps } from './ManageViews';
import type { SaveViewProps } from './SaveView';

const SaveView = lazyWithWords<SaveViewProps>('lists', () => import('./SaveView'));
const ManageViews = lazyWithWords<ManageViewsProps>('lists', () => import('./ManageViews'));

/** This person's views of a list. */
export function useViews(list: string): { kept: KeptViews; keep: (kept: KeptViews) => void; pending: boolean } {
  const { value, keep, pending } = useUserSetting(`views.${list}`);
  return { kept: keptViews(value), keep, pending };
}

/** Opens a list that was opened without an address of its own with the view that is wanted first. */
export function useFirstView({ kept, pending }: { kept: KeptViews; pending: boolean }): void {
  const [search] = useSearchParams();
  const location = useLocation();
  const navigate = useNavigate();
  const decided = useRef(false);
  useEffect(() => {
    if (pending || decided.current) return;
    decided.current = true;
    const first = kept.views.find((v) => v.id === kept.first);
    const plain = (location.state as { plain?: boolean } | null)?.plain;
    if (first && !plain && search.size === 0) void navigate(addressOf(first), { replace: true });
  }, [kept, pending, search, location, navigate]);
}

interface Props {
  views: { kept: KeptViews; keep: (kept: KeptViews) => void };
  /** The columns that the list shows, where they are not the usual ones. */
  columns: string[] | undefined;
}

/** Saved views above a list's filters. A view only sets the address. */
export function ViewsBar({ views: { kept, keep }, columns }: Props) {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const [dialog, setDialog] = useState<'save' | 'manage'>();
  const { view, changed } = openedView(kept, search);
  const savable = (isWorthKeeping(search) || columns !== undefined) && (!view || changed);
  if (kept.views.length === 0 && !savable) return null;
  return (
    <nav className="zg-views" aria-label={t('common.views')}>
      {kept.views.length > 0 && (
        <ul>
          <li><Link to="." {...PLAIN} className="zg-view" aria-current={isWorthKeeping(search) || view ? undefined : 'true'}>{t('common.allRows')}</Link></li>
          {kept.views.map((v) => (
            <li key={v.id}><Link to={addressOf(v)} className="zg-view" aria-current={v === view ? 'true' : undefined}>{v.name}{v === view && changed && <span className="zg-muted"> {t('common.viewChanged')}</span>}</Link></li>
          ))}
        </ul>
      )}
      {savable && <Button type="link" size="small" icon={<SaveOutlined aria-hidden="true" />} onClick={() => setDialog('save')} data-testid="save-view">{t('common.saveView')}</Button>}
      {kept.views.length > 0 && <Button type="link" size="small" icon={<UnorderedListOutlined aria-hidden="true" />} onClick={() => setDialog('manage')} data-testid="manage-views">{t('common.manageViews')}</Button>}
      <Suspense fallback={null}>
        {dialog === 'save' && <SaveView kept={kept} opened={view} columns={columns} keep={keep} onClose={() => setDialog(undefined)} />}
        {dialog === 'manage' && <ManageViews kept={kept} keep={keep} onClose={() => setDialog(undefined)} />}
      </Suspense>
    </nav>
  );
}
