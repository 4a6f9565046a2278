import { SearchOutlined } from '@ant-design/icons';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { loadWords } from '@/i18n';

/** The button in the top bar that opens the palette; so do Ctrl K and ⌘ K. The palette comes when it is first wanted. */
export function SearchBox() {
  const { t, i18n } = useTranslation();
  const [Palette] = useState(() =>
    lazy(async () => {
      const [loaded] = await Promise.all([import('./Palette'), loadWords(i18n, 'palette')]);
      return loaded;
    }),
  );
  const [wanted, setWanted] = useState(false);
  const [open, setOpen] = useState(false);

  const show = () => {
    setWanted(true);
    setOpen(true);
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'k') return;
      event.preventDefault();
      show();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  return (
    <>
      <button type="button" className="zg-top-search" onClick={show} aria-label={t('top.searchLabel')} aria-haspopup="dialog" aria-keyshortcuts="Control+K Meta+K" data-testid="search-open">
        <SearchOutlined aria-hidden="true" />
        <span>{t('top.searchPlaceholder')}</span>
        <kbd aria-hidden="true" data-mac={/Mac|iPhone|iPad/.test(navigator.userAgent)} />
      </button>
      {wanted && (
        <Suspense>
          <Palette open={open} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
