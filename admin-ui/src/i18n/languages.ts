import type { Language } from '@/lib/preferences';

/** What each language calls itself. */
export const languageNames: Record<Language, string> = { 'zh-CN': '简体中文', en: 'English' };
