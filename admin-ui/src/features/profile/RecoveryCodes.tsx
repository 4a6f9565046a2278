import { DownloadOutlined, PrinterOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '@/components/CopyText';
import { beijingTime } from '@/lib/beijing';
import { saveFile } from '@/lib/download';
import { useSession } from '@/lib/session';

/** Recovery codes, shown this once: to copy, to keep as a file or to print. */
export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const { t } = useTranslation();
  const email = useSession().me.user?.email ?? '';
  const [at] = useState(() => beijingTime(Date.now()));
  const text = [t('profile.codesFile'), t('profile.codesOf', { email }), t('common.beijingTimeOf', { time: at }), '', ...codes, ''].join('\r\n');
  return (
    <div className="zg-stack">
      <div className="zg-once zg-print" role="status" data-testid="recovery-codes">
        <p className="zg-strong">{t('profile.recovery')}</p>
        <p className="zg-muted zg-small">{t('profile.codesOf', { email })} · {t('common.beijingTimeOf', { time: at })}</p>
        <p className="zg-muted">{t('profile.recoveryHint')}</p>
        <ul className="zg-codes zg-mono">{codes.map((code) => <li key={code}>{code}</li>)}</ul>
      </div>
      <div className="zg-actions zg-wrap">
        <CopyButton text={codes.join('\n')}>{t('profile.codesCopy')}</CopyButton>
        <Button icon={<DownloadOutlined aria-hidden="true" />} onClick={() => saveFile(new Blob(['\ufeff', text], { type: 'text/plain;charset=utf-8' }), `${t('profile.codesFile')}.txt`)}>
          {t('profile.codesDownload')}
        </Button>
        <Button icon={<PrinterOutlined aria-hidden="true" />} onClick={() => window.print()}>{t('profile.codesPrint')}</Button>
        <Button type="primary" onClick={onDone}>{t('profile.recoveryKept')}</Button>
      </div>
    </div>
  );
}
