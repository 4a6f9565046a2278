import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '@/lib/preferences';

// One chunk per language: a page loads the one it speaks.
const load: Record<Language, () => Promise<{ default: object }>> = {
  'zh-CN': () => import('./zh-CN'),
  en: () => import('./en'),
};

/** Starts the translations in one language. */
export async function startI18n(language: Language): Promise<i18n> {
  const instance = i18next.createInstance();
  const messages = await load[language]();
  await instance.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: messages.default } },
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  });
  return instance;
}

/** Switches to a language, loading it first. */
export async function switchLanguage(instance: i18n, language: Language): Promise<void> {
  if (!instance.hasResourceBundle(language, 'translation')) {
    const messages = await load[language]();
    instance.addResourceBundle(language, 'translation', messages.default);
  }
  await instance.changeLanguage(language);
}
