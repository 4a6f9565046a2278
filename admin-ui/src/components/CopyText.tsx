import { CheckOutlined, CopyOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** A number or a link with a button that copies it. */
export function CopyText({ text, label, mono = true }: { text: string; label: string; mono?: boolean }) {
  return (
    <span className="zg-copy">
      <span className={mono ? 'zg-mono' : undefined}>{text}</span>
      <CopyButton text={text} label={label} />
    </span>
  );
}

/** Copies a text. With words of its own it is a button like others, without them a small sign beside the text. */
export function CopyButton({ text, label, children }: { text: string } & ({ label: string; children?: undefined } | { label?: undefined; children: ReactNode })) {
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
  const common = { icon: copied ? <CheckOutlined aria-hidden="true" /> : <CopyOutlined aria-hidden="true" />, onClick: () => void copy() };

  return (
    <>
      {children ? (
        <Button {...common}>{children}</Button>
      ) : (
        <Tooltip title={copied ? t('common.copied') : t('common.copy')}>
          <Button {...common} type="text" size="small" aria-label={t('common.copyOf', { what: label })} />
        </Tooltip>
      )}
      <span role="status" className="zg-sr-only">
        {copied ? t('common.copied') : ''}
      </span>
    </>
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
