import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '@/lib/preferences';

// Two chunks per language: the sign-in page loads the words it says, the others come with the session.
const FIRST = 'translation';
const PAGES = 'pages';

const load: Record<Language, Record<typeof FIRST | typeof PAGES, () => Promise<{ default: object }>>> = {
  'zh-CN': { [FIRST]: () => import('./zh-CN/first'), [PAGES]: () => import('./zh-CN/pages') },
  en: { [FIRST]: () => import('./en/first'), [PAGES]: () => import('./en/pages') },
};

/** Starts the translations in one language. */
export async function startI18n(language: Language): Promise<i18n> {
  const instance = i18next.createInstance();
  const messages = await load[language][FIRST]();
  await instance.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { [FIRST]: messages.default } },
    fallbackNS: PAGES,
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  });
  return instance;
}

async function add(instance: i18n, language: Language, part: typeof FIRST | typeof PAGES): Promise<void> {
  if (instance.hasResourceBundle(language, part)) return;
  const messages = await load[language][part]();
  instance.addResourceBundle(language, part, messages.default);
}

/** Loads what the pages behind the sign-in say. */
export function loadPages(instance: i18n): Promise<void> {
  return add(instance, instance.language as Language, PAGES);
}

/** Switches to a language, loading as much of it as of the one before. */
export async function switchLanguage(instance: i18n, language: Language): Promise<void> {
  await add(instance, language, FIRST);
  if (instance.hasResourceBundle(instance.language, PAGES)) await add(instance, language, PAGES);
  await instance.changeLanguage(language);
}
