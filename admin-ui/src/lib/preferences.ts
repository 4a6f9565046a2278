import { useCallback, useSyncExternalStore } from 'react';

export type Language = 'zh-CN' | 'en';
export type ThemeChoice = 'light' | 'dark' | 'system';

export interface Preferences {
  language: Language;
  theme: ThemeChoice;
}

const KEY = 'zhanggui.preferences';
const fallback: Preferences = { language: 'zh-CN', theme: 'system' };

function read(): Preferences {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>;
    return {
      language: stored.language === 'en' ? 'en' : fallback.language,
      theme: stored.theme === 'light' || stored.theme === 'dark' ? stored.theme : fallback.theme,
    };
  } catch {
    return fallback; // private windows may refuse storage, and old versions may have left something else
  }
}

let current = read();
const listeners = new Set<() => void>();

export function preferences(): Preferences {
  return current;
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Kept for this page only.
  }
  listeners.forEach((tell) => tell());
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences);
}

/** Whether a media query holds now, and from now on. */
function useMedia(media: string): boolean {
  const subscribeMedia = useCallback(
    (tell: () => void) => {
      const query = window.matchMedia(media);
      query.addEventListener('change', tell);
      return () => query.removeEventListener('change', tell);
    },
    [media],
  );
  return useSyncExternalStore(subscribeMedia, () => window.matchMedia(media).matches);
}

/** Whether the page is dark now, following the system when asked to. */
export function useDark(): boolean {
  const { theme } = usePreferences();
  const system = useMedia('(prefers-color-scheme: dark)');
  return theme === 'system' ? system : theme === 'dark';
}

/** Whether this person wants things to stand still. */
export function useStill(): boolean {
  return useMedia('(prefers-reduced-motion: reduce)');
}
