import { ArrowDownOutlined, ArrowUpOutlined } from '@ant-design/icons';
import { Button, Checkbox } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Choice, movedTo } from '@/lib/columns';

interface Props {
  title: string;
  choices: Choice[];
  label: (name: string) => string;
  onChange: (choices: Choice[]) => void;
}

/** Which columns, and in which order: by box, by button, or by dragging. */
export function ColumnChoices({ title, choices, label, onChange }: Props) {
  const { t } = useTranslation();
  const [dragged, setDragged] = useState<string>();
  const all = choices.every((c) => c.on);
  const toggle = (name: string, on: boolean) => onChange(choices.map((c) => (c.name === name ? { ...c, on } : c)));
  const move = (button: HTMLElement, name: string, place: number) => {
    onChange(movedTo(choices, name, place));
    // A line that moves in the document loses the focus, and the keyboard its place.
    requestAnimationFrame(() => button.focus());
  };
  return (
    <>
      <Checkbox checked={all} indeterminate={!all && choices.some((c) => c.on)} onChange={(e) => onChange(choices.map((c) => ({ ...c, on: e.target.checked })))}>{t('lists.allColumns')}</Checkbox>
      <ul className="zg-columns-list" aria-label={title}>
        {choices.map((c, i) => (
          <li
            key={c.name}
            className={dragged === c.name ? 'zg-spread zg-dragged' : 'zg-spread'}
            draggable
            onDragStart={() => setDragged(c.name)}
            onDragEnd={() => setDragged(undefined)}
            onDragOver={(e) => dragged && e.preventDefault()}
            onDrop={() => dragged && onChange(movedTo(choices, dragged, i))}
          >
            <Checkbox checked={c.on} onChange={(e) => toggle(c.name, e.target.checked)}>{label(c.name)}</Checkbox>
            <span>
              <Button type="text" size="small" disabled={i === 0} icon={<ArrowUpOutlined aria-hidden="true" />} aria-label={t('lists.up', { column: label(c.name) })} onClick={(e) => move(e.currentTarget, c.name, i - 1)} />
              <Button type="text" size="small" disabled={i === choices.length - 1} icon={<ArrowDownOutlined aria-hidden="true" />} aria-label={t('lists.down', { column: label(c.name) })} onClick={(e) => move(e.currentTarget, c.name, i + 1)} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
