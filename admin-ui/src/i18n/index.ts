import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '@/lib/preferences';
import { languageNames } from './languages';

// One chunk per language and part, a file each: the sign-in page loads "first", the others come
// with the session ("pages") or with the first page that says them (see the router).
const files = import.meta.glob<{ default: object }>(['./zh-CN/*.ts', './en/*.ts', '!./*/index.ts']);
const FIRST = 'first';
const parts = Object.keys(files).flatMap((file) => /^\.\/zh-CN\/(\w+)\.ts$/.exec(file)?.[1] ?? []);

async function messages(language: Language, part: string): Promise<object> {
  const load = files[`./${language}/${part}.ts`];
  if (!load) throw new Error(`There are no words ${part} in ${language}.`);
  return (await load()).default;
}

/** Starts the translations in one language. */
export async function startI18n(language: Language): Promise<i18n> {
  const instance = i18next.createInstance();
  const first = await messages(language, FIRST);
  await instance.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { [FIRST]: first } },
    defaultNS: FIRST,
    fallbackNS: parts.filter((part) => part !== FIRST),
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  });
  return instance;
}

/** Loads the words of one part: the name of a file beside this one, in every language's folder. */
export async function loadWords(instance: i18n, part: string, language = instance.language as Language): Promise<void> {
  if (instance.hasResourceBundle(language, part)) return;
  instance.addResourceBundle(language, part, await messages(language, part));
}

/** Switches to a language, loading as much of it as of the one before. */
export async function switchLanguage(instance: i18n, language: Language): Promise<void> {
  await Promise.all(parts.filter((part) => instance.hasResourceBundle(instance.language, part)).map((part) => loadWords(instance, part, language)));
  await instance.changeLanguage(language);
}

/** What pages are called in the languages that are not in use: whoever knows a page by another name finds it too. */
export async function otherWords(used: Language, keys: string[]): Promise<Record<string, string[]>> {
  const others = await Promise.all((Object.keys(languageNames) as Language[]).filter((language) => language !== used).map((language) => messages(language, FIRST)));
  const word = (all: object, key: string) => key.split('.').reduce<unknown>((part, step) => (part as Record<string, unknown> | undefined)?.[step], all);
  return Object.fromEntries(keys.map((key) => [key, others.map((all) => word(all, key)).filter((text) => typeof text === 'string')]));
}
