import type { TFunction } from 'i18next';
import { languageNames } from '@/i18n/languages';

/** The languages as menu items; each in its own language, whatever the page speaks. */
export function languageItems() {
  return Object.entries(languageNames).map(([key, label]) => ({ key: `language:${key}`, label }));
}

/** The appearances as menu items. */
export function themeItems(t: TFunction) {
  return [
    { key: 'theme:light', label: t('top.themeLight') },
    { key: 'theme:dark', label: t('top.themeDark') },
    { key: 'theme:system', label: t('top.themeSystem') },
  ];
}
