import enUS from 'antd/es/locale/en_US';
import zhCN from 'antd/es/locale/zh_CN';
import type { Language } from '@/lib/preferences';

/** antd's own words in the console's language. */
export function consoleLocale(language: Language) {
  return language === 'en' ? enUS : zhCN;
}
