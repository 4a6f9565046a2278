import { theme as antd, type ThemeConfig } from 'antd';

const fontFamily =
  "-apple-system, BlinkMacSystemFont, 'Segoe UI', 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', Roboto, 'Helvetica Neue', Arial, sans-serif";
const fontFamilyCode = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

// As large as a thumb, in CSS pixels.
const THUMB = 44;

/** Ink green on warm paper; the same quiet tones in the dark. Still: nothing moves. Phone: everything to be touched is as large as a thumb. */
export function consoleTheme(dark: boolean, still: boolean, phone: boolean): ThemeConfig {
  return {
    algorithm: dark ? antd.darkAlgorithm : antd.defaultAlgorithm,
    cssVar: { key: `zg-${dark ? 'dark' : 'light'}${phone ? '-phone' : ''}` },
    token: {
      motion: !still,
      colorPrimary: dark ? '#3cc2a5' : '#0e6655',
      colorInfo: dark ? '#3cc2a5' : '#0e6655',
      colorLink: dark ? '#63cdb5' : '#0e6655',
      colorLinkHover: dark ? '#8adcc9' : '#0a4d40',
      colorSuccess: dark ? '#6fd099' : '#1a7f4b',
      colorWarning: dark ? '#e9bd6c' : '#a15c07',
      colorError: dark ? '#ff9ea0' : '#c0282d',
      // What antd mixes for a notice from such deep colours is muddy.
      colorInfoBg: dark ? '#16332d' : '#e3efeb',
      colorInfoBorder: dark ? '#27564b' : '#bcd8cf',
      colorSuccessBg: dark ? '#16301f' : '#e4f3ea',
      colorSuccessBorder: dark ? '#28553a' : '#b8dcc7',
      colorWarningBg: dark ? '#362a14' : '#fbf0dd',
      colorWarningBorder: dark ? '#5d4a25' : '#ead1a4',
      colorErrorBg: dark ? '#3b1c1f' : '#fcebea',
      colorErrorBorder: dark ? '#6b3236' : '#f0c4c2',
      colorBgLayout: dark ? '#12151a' : '#f6f6f3',
      colorBgContainer: dark ? '#1a1e24' : '#ffffff',
      colorBgElevated: dark ? '#222730' : '#ffffff',
      colorText: dark ? '#e8eaed' : '#1c2321',
      colorTextSecondary: dark ? '#aab2bd' : '#56605d',
      colorTextTertiary: dark ? '#98a1ad' : '#646e6b',
      colorTextPlaceholder: dark ? '#8d96a2' : '#6b7572',
      colorTextDescription: dark ? '#aab2bd' : '#56605d',
      colorBorder: dark ? '#3a414b' : '#d5d9d4',
      colorBorderSecondary: dark ? '#2a3038' : '#e8eae6',
      borderRadius: 8,
      borderRadiusLG: 12,
      borderRadiusSM: 6,
      controlHeight: phone ? THUMB : 36,
      controlHeightLG: phone ? 48 : 44,
      ...(phone && { controlHeightSM: THUMB }),
      fontSize: 14,
      fontFamily,
      fontFamilyCode,
      wireframe: false,
      boxShadow: dark ? '0 8px 24px rgb(0 0 0 / 45%)' : '0 8px 24px rgb(28 35 33 / 8%)',
    },
    components: {
      Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none', fontWeight: 500, colorTextLightSolid: dark ? '#06110e' : '#ffffff' },
      Table: {
        headerBg: 'transparent',
        headerSplitColor: 'transparent',
        cellPaddingBlock: 13,
        headerColor: dark ? '#aab2bd' : '#56605d',
        rowHoverBg: dark ? '#20252c' : '#f8f8f5',
        rowSelectedBg: dark ? '#16332d' : '#e3efeb',
        rowSelectedHoverBg: dark ? '#1b3d35' : '#d9eae4',
      },
      Modal: { titleFontSize: 18 },
      Form: { verticalLabelPadding: '0 0 6px' },
      Segmented: { itemSelectedBg: dark ? '#2a3038' : '#ffffff', trackBg: dark ? '#12151a' : '#ecede8', itemColor: dark ? '#aab2bd' : '#4b5552' },
    },
  };
}
