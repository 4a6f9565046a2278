import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FileDrop } from '@/components/FileDrop';
import { PageHead } from '@/components/PageHead';
import { Section } from '@/components/Section';
import { TenantOnly } from '@/components/TenantOnly';
import { TemplateButton } from './BatchParts';
import { CheckedFile } from './CheckedFile';
import { ChoosePayer } from './ChoosePayer';

/** Brings a file of payouts in: it is read and summed up first, and taken in whole or not at all. */
export default function NewBatchPage() {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<{ file: File; n: number }>();
  return (
    <div className="zg-page zg-narrow">
      <PageHead title={t('batches.new')} lead={t('batches.newLead')} back={{ to: '/payouts/batches', label: t('payouts.batches') }} actions={<TemplateButton />} />
      <TenantOnly>
        <ChoosePayer>
          {(payer) => (
            <>
              <Section title={t('batches.file')}>
                <FileDrop accept=".csv,.txt,text/csv,text/plain" hint={t('batches.dropHint')} chosen={chosen?.file.name} onFile={(file) => setChosen((before) => ({ file, n: (before?.n ?? 0) + 1 }))} testId="batch-file" />
              </Section>
              {chosen && <CheckedFile key={`${payer.account.id} ${chosen.n}`} payer={payer} file={chosen.file} />}
            </>
          )}
        </ChoosePayer>
      </TenantOnly>
    </div>
  );
}
