import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '@/lib/preferences';

// Four chunks per language: the sign-in page loads the words it says, those of most pages come
// with the session, and those of the books and of plugins with the first of their pages.
const FIRST = 'translation';
const PAGES = 'pages';
const BOOKS = 'books';
const PLUGINS = 'plugins';

type Part = typeof FIRST | typeof PAGES | typeof BOOKS | typeof PLUGINS;

const load: Record<Language, Record<Part, () => Promise<{ default: object }>>> = {
  'zh-CN': { [FIRST]: () => import('./zh-CN/first'), [PAGES]: () => import('./zh-CN/pages'), [BOOKS]: () => import('./zh-CN/books'), [PLUGINS]: () => import('./zh-CN/plugins') },
  en: { [FIRST]: () => import('./en/first'), [PAGES]: () => import('./en/pages'), [BOOKS]: () => import('./en/books'), [PLUGINS]: () => import('./en/plugins') },
};

/** Starts the translations in one language. */
export async function startI18n(language: Language): Promise<i18n> {
  const instance = i18next.createInstance();
  const messages = await load[language][FIRST]();
  await instance.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { [FIRST]: messages.default } },
    fallbackNS: [PAGES, BOOKS, PLUGINS],
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  });
  return instance;
}

async function add(instance: i18n, language: Language, part: Part): Promise<void> {
  if (instance.hasResourceBundle(language, part)) return;
  const messages = await load[language][part]();
  instance.addResourceBundle(language, part, messages.default);
}

/** Loads what the pages behind the sign-in say. */
export function loadPages(instance: i18n): Promise<void> {
  return add(instance, instance.language as Language, PAGES);
}

/** Loads what the pages of the books say. */
export function loadBooks(instance: i18n): Promise<void> {
  return add(instance, instance.language as Language, BOOKS);
}

/** Loads what the pages about plugins say. */
export function loadPlugins(instance: i18n): Promise<void> {
  return add(instance, instance.language as Language, PLUGINS);
}

/** Switches to a language, loading as much of it as of the one before. */
export async function switchLanguage(instance: i18n, language: Language): Promise<void> {
  await add(instance, language, FIRST);
  for (const part of [PAGES, BOOKS, PLUGINS] as const) {
    if (instance.hasResourceBundle(instance.language, part)) await add(instance, language, part);
  }
  await instance.changeLanguage(language);
}
