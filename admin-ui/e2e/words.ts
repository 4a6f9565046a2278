import en from '../src/i18n/en/index.ts';
import zh from '../src/i18n/zh-CN/index.ts';
import type { Language } from './browser.ts';

/** The console's own words, so that a test finds a button in either language by what it says. */
export type Words = (key: string, values?: Record<string, string | number>) => string;

export function words(language: Language): Words {
  const root: unknown = language === 'en' ? en : zh;
  return (key, values = {}) => {
    const text = key.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], root);
    if (typeof text !== 'string') throw new Error(`There is no text ${key} in ${language}.`);
    return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name]));
  };
}
