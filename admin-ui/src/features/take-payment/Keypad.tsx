import { useTranslation } from 'react-i18next';

const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '.', '0', '00'] as const;

/** Keys under the thumb, in place of the phone's own keyboard, which would cover the button. */
export function Keypad({ value, onChange, disabled }: { value: string; onChange: (value: string) => void; disabled: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="zg-keypad" role="group" aria-label={t('till.keypad')}>
      {keys.map((key) => (
        <button type="button" key={key} disabled={disabled} onClick={() => onChange(typed(value, key))}>
          {key}
        </button>
      ))}
      <button type="button" className="zg-keypad-wide" disabled={disabled || value === ''} onClick={() => onChange(value.slice(0, -1))} aria-label={t('till.backspace')}>
        ⌫
      </button>
    </div>
  );
}

/** The amount after a key: one point, two decimals, no zeros in front. */
export function typed(value: string, key: string): string {
  if (key === '.') return value.includes('.') ? value : `${value || '0'}.`;
  const [, fraction] = value.split('.');
  if (fraction !== undefined) return fraction.length + key.length > 2 ? value : value + key;
  const next = (value + key).replace(/^0+(?=\d)/, '');
  return next.length > 8 ? value : next;
}
