import { InboxOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { type ChangeEvent, type DragEvent, type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
  /** Which files the browser offers first. */
  accept?: string;
  /** What kind of file is wanted, and how large it may be. */
  hint: ReactNode;
  /** The name of the file that was taken. */
  chosen?: string | undefined;
  onFile: (file: File) => void;
  testId: string;
}

/** A place that takes one file, dropped or chosen; the same file, mended, is a choice again. */
export function FileDrop({ accept, hint, chosen, onFile, testId }: Props) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drag = (on: boolean) => (event: DragEvent) => {
    event.preventDefault();
    setOver(on);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  };
  const onChange = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = '';
    if (file) onFile(file);
  };
  return (
    <div className={over ? 'zg-drop zg-drop-over' : 'zg-drop'} onDragEnter={drag(true)} onDragOver={drag(true)} onDragLeave={drag(false)} onDrop={onDrop} data-testid="drop">
      <InboxOutlined aria-hidden="true" />
      <p className={chosen ? 'zg-strong' : undefined}>{chosen ?? t('common.dropFile')}</p>
      <Button onClick={() => input.current?.click()}>{t(chosen ? 'common.chooseOther' : 'common.chooseFile')}</Button>
      <p className="zg-muted zg-small">{hint}</p>
      <input ref={input} type="file" hidden accept={accept} onChange={onChange} data-testid={testId} />
    </div>
  );
}
