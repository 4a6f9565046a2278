import { Form, Input, Segmented } from 'antd';
import { useId, type HTMLAttributes } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '@/lib/api/client';

/** A payer's card as it is typed. It is sent and forgotten: nothing keeps it. */
export interface CardValues {
  number: string;
  type: 'debit' | 'credit';
  expiry: string;
  cvn2: string;
  holder: string;
  idNumber: string;
  phone: string;
}

export const noCard: CardValues = { number: '', type: 'debit', expiry: '', cvn2: '', holder: '', idNumber: '', phone: '' };

/** The fields of CardInput by their names in the API, for the server's refusals. */
type Errors = Partial<Record<'number' | 'expiry' | 'cvn2' | 'holder_name' | 'id_number' | 'phone', string>>;

const digits = (text: string) => text.replaceAll(/\s/g, '');

/** Names of fields that are wrong before anything is sent; the server checks everything again. */
export function cardProblems(card: CardValues): Partial<Record<keyof Errors, 'cardNumber' | 'cardPhone' | 'cardExpiry' | 'cardCvn2' | 'required'>> {
  return {
    ...(/^\d{12,20}$/.test(digits(card.number)) ? {} : { number: 'cardNumber' as const }),
    ...(card.holder.trim() ? {} : { holder_name: 'required' as const }),
    ...(card.idNumber.trim() ? {} : { id_number: 'required' as const }),
    ...(/^\d{11}$/.test(digits(card.phone)) ? {} : { phone: 'cardPhone' as const }),
    ...(card.type === 'credit' && !/^(0[1-9]|1[0-2])\d{2}$/.test(card.expiry) ? { expiry: 'cardExpiry' as const } : {}),
    ...(card.type === 'credit' && !/^\d{3,4}$/.test(card.cvn2) ? { cvn2: 'cardCvn2' as const } : {}),
  };
}

/** The card as the API takes it. */
export function cardInput(card: CardValues): Schemas['CardInput'] {
  return {
    number: digits(card.number),
    type: card.type,
    holder_name: card.holder.trim(),
    id_number: card.idNumber.trim(),
    phone: digits(card.phone),
    ...(card.type === 'credit' ? { expiry: card.expiry, cvn2: card.cvn2 } : {}),
  };
}

interface CardFieldsProps {
  value: CardValues;
  onChange: (value: CardValues) => void;
  errors: Errors;
  disabled?: boolean;
}

/** Number, holder and phone of a card; a credit card's expiry and security code too. Must stand inside an antd Form. */
export function CardFields({ value, onChange, errors, disabled }: CardFieldsProps) {
  const { t } = useTranslation();
  const set = (change: Partial<CardValues>) => onChange({ ...value, ...change });
  const text = (field: 'number' | 'expiry' | 'cvn2' | 'holder' | 'idNumber' | 'phone', error: string | undefined, more: Omit<TextProps, 'label' | 'value' | 'error' | 'onChange'>) => (
    <Text label={t(`card.${field}`)} value={value[field]} error={error} onChange={(typed) => set({ [field]: typed })} {...more} disabled={disabled} />
  );
  return (
    <div data-testid="card-fields">
      <Form.Item label={t('card.type')}>
        <Segmented
          block
          aria-label={t('card.type')}
          disabled={disabled}
          value={value.type}
          onChange={(type) => set({ type, ...(type === 'debit' ? { expiry: '', cvn2: '' } : {}) })}
          options={[{ value: 'debit' as const, label: t('card.debit') }, { value: 'credit' as const, label: t('card.credit') }]}
        />
      </Form.Item>
      {text('number', errors.number, { inputMode: 'numeric', maxLength: 26 })}
      <div className="zg-pair">
        {text('holder', errors.holder_name, { maxLength: 40 })}
        {text('phone', errors.phone, { inputMode: 'tel', maxLength: 13 })}
      </div>
      {text('idNumber', errors.id_number, { maxLength: 30 })}
      {value.type === 'credit' && (
        <div className="zg-pair">
          {text('expiry', errors.expiry, { inputMode: 'numeric', maxLength: 4 })}
          {text('cvn2', errors.cvn2, { inputMode: 'numeric', maxLength: 4, secret: true })}
        </div>
      )}
    </div>
  );
}

interface TextProps {
  label: string;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
  inputMode?: HTMLAttributes<HTMLInputElement>['inputMode'];
  maxLength: number;
  secret?: boolean;
  disabled?: boolean;
}

function Text({ label, value, error, onChange, secret, ...rest }: TextProps) {
  const id = useId();
  const Field = secret ? Input.Password : Input;
  return (
    <Form.Item label={label} htmlFor={id} {...(error ? { validateStatus: 'error' as const, help: error } : {})}>
      <Field id={id} value={value} onChange={(e) => onChange(e.target.value)} autoComplete="off" spellCheck={false} aria-invalid={Boolean(error)} {...rest} />
    </Form.Item>
  );
}
