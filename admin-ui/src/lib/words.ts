import { lazy, type ComponentType } from 'react';
import { getI18n } from 'react-i18next';
import { loadWords } from '@/i18n';

/** A component that is loaded when it is first drawn, with the words that only its kind says. */
export function lazyWithWords<Props>(part: string, load: () => Promise<{ default: ComponentType<Props> }>) {
  return lazy(async () => {
    const [loaded] = await Promise.all([load(), loadWords(getI18n(), part)]);
    return loaded;
  });
}
