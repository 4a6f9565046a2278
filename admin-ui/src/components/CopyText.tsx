import { CheckOutlined, CopyOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** A number or a link with a button that copies it. */
export function CopyText({ text, label, mono = true }: { text: string; label: string; mono?: boolean }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const copy = async () => {
    await copyToClipboard(text);
    setCopied(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setCopied(false), 2000);
  };

  return (
    <span className="zg-copy">
      <span className={mono ? 'zg-mono' : undefined}>{text}</span>
      <Tooltip title={copied ? t('common.copied') : t('common.copy')}>
        <Button
          type="text"
          size="small"
          icon={copied ? <CheckOutlined aria-hidden="true" /> : <CopyOutlined aria-hidden="true" />}
          aria-label={t('common.copyOf', { what: label })}
          onClick={() => void copy()}
        />
      </Tooltip>
      <span role="status" className="zg-sr-only">
        {copied ? t('common.copied') : ''}
      </span>
    </span>
  );
}

// The clipboard API is there on https and localhost only; a shop's console may be on neither.
async function copyToClipboard(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
