import { useTranslation } from 'react-i18next';
import { CopyText } from './CopyText';
import { Section } from './Section';

/** The numbers under which an object is known here, at the merchant and at the provider, each to be copied. */
export function Numbers({ numbers }: { numbers: [label: string, value: string | undefined][] }) {
  const { t } = useTranslation();
  return (
    <Section title={t('orders.numbers')}>
      <dl className="zg-stack">
        {numbers.map(([label, value]) => (
          <div className="zg-fact" key={label}>
            <dt>{label}</dt>
            <dd>{value ? <CopyText text={value} label={label} /> : <span className="zg-muted">{t('common.none')}</span>}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
