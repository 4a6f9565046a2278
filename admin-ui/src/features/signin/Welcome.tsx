import { BulbOutlined, MoonOutlined, SunOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Logo } from '@/components/Logo';
import { languageNames } from '@/i18n/languages';
import { setPreferences, type ThemeChoice, usePreferences } from '@/lib/preferences';

const nextTheme: Record<ThemeChoice, ThemeChoice> = { system: 'light', light: 'dark', dark: 'system' };
const themeName: Record<ThemeChoice, string> = { system: 'top.themeSystem', light: 'top.themeLight', dark: 'top.themeDark' };
const themeIcon: Record<ThemeChoice, ReactNode> = { system: <BulbOutlined aria-hidden="true" />, light: <SunOutlined aria-hidden="true" />, dark: <MoonOutlined aria-hidden="true" /> };

/** The page around signing in. */
export function Welcome({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t('brand.name')}`;
  }, [title, t]);
  return (
    <div className="zg-welcome">
      <aside className="zg-welcome-art" aria-label={t('brand.name')}>
        <div className="zg-brand">
          <Logo size={40} />
          <span>
            {t('brand.name')}
            <small>{t('brand.sub')}</small>
          </span>
        </div>
        <p className="zg-welcome-line">{t('signin.line')}</p>
        <ul className="zg-welcome-notes">
          <li>{t('signin.note1')}</li>
          <li>{t('signin.note2')}</li>
          <li>{t('signin.note3')}</li>
        </ul>
        <Abacus />
      </aside>
      <main className="zg-welcome-form">
        <Tools />
        <div className="zg-welcome-box">
          <div className="zg-stack-tight">
            <h1>{title}</h1>
            {lead && <p className="zg-muted">{lead}</p>}
          </div>
          {children}
        </div>
      </main>
    </div>
  );
}

function Tools() {
  const { t } = useTranslation();
  const { language, theme } = usePreferences();
  const other = language === 'en' ? 'zh-CN' : 'en';
  return (
    <div className="zg-welcome-tools">
      <Button type="text" icon={themeIcon[theme]} onClick={() => setPreferences({ theme: nextTheme[theme] })} aria-label={`${t('top.theme')}: ${t(themeName[theme])}`}>
        {t(themeName[theme])}
      </Button>
      <Button type="text" lang={other} onClick={() => setPreferences({ language: other })} data-testid="language-switch">
        {languageNames[other]}
      </Button>
    </div>
  );
}

function Abacus() {
  const rods = [0, 1, 2, 3, 4, 5, 6];
  const up = [1, 0, 1, 1, 0, 1, 0];
  const down = [2, 3, 1, 4, 2, 0, 3];
  return (
    <svg className="zg-welcome-abacus" viewBox="0 0 460 360" aria-hidden="true">
      <g fill="none" stroke="#fff" strokeWidth="8">
        <rect x="8" y="8" width="444" height="344" rx="24" />
        <path d="M8 120h444" />
      </g>
      {rods.map((x) => (
        <g key={x} transform={`translate(${50 + x * 60} 0)`} fill="#fff">
          <rect x="-2" y="12" width="4" height="336" />
          <rect x="-24" y={up[x] ? 88 : 26} width="48" height="26" rx="13" />
          {[0, 1, 2, 3].map((bead) => (
            <rect key={bead} x="-24" y={bead < down[x]! ? 128 + bead * 32 : 210 + bead * 32} width="48" height="26" rx="13" />
          ))}
        </g>
      ))}
    </svg>
  );
}
