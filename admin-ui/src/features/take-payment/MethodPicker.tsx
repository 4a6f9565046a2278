import { AppstoreOutlined, BarcodeOutlined, BankOutlined, CreditCardOutlined, GlobalOutlined, MobileOutlined, QrcodeOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { inLanguage } from '@/lib/schema';
import type { TillMethod } from './offers';

// By the methods' own names; what is new has the common one.
const icons: Record<string, ReactNode> = {
  barcode: <BarcodeOutlined aria-hidden="true" />,
  qr: <QrcodeOutlined aria-hidden="true" />,
  static_code: <QrcodeOutlined aria-hidden="true" />,
  dynamic_code: <QrcodeOutlined aria-hidden="true" />,
  jsapi: <MobileOutlined aria-hidden="true" />,
  mini_program: <MobileOutlined aria-hidden="true" />,
  h5: <GlobalOutlined aria-hidden="true" />,
  card: <CreditCardOutlined aria-hidden="true" />,
  bound_card: <CreditCardOutlined aria-hidden="true" />,
  gateway_form: <BankOutlined aria-hidden="true" />,
};

/** The ways to pay, as tiles; one is chosen. */
export function MethodPicker({ methods, value, onChange, disabled }: { methods: TillMethod[]; value: string; onChange: (method: string) => void; disabled: boolean }) {
  const { t, i18n } = useTranslation();
  return (
    <fieldset className="zg-ways" aria-label={t('till.method')} disabled={disabled}>
      {methods.map((m) => (
        <label key={m.method} className="zg-way" data-testid={`way-${m.method}`}>
          <input type="radio" name="way" value={m.method} checked={m.method === value} onChange={() => onChange(m.method)} />
          {icons[m.method] ?? <AppstoreOutlined aria-hidden="true" />}
          <span>{inLanguage(m.name, i18n.language)}</span>
        </label>
      ))}
    </fieldset>
  );
}
