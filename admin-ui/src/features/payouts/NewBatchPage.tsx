import { InboxOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHead } from '@/components/PageHead';
import { Section } from '@/components/Section';
import { TenantOnly } from '@/components/TenantOnly';
import { useFileDrop } from '@/lib/useFileDrop';
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
                <Drop onFile={(file) => setChosen((before) => ({ file, n: (before?.n ?? 0) + 1 }))} />
              </Section>
              {chosen && <CheckedFile key={`${payer.account.id} ${chosen.n}`} payer={payer} file={chosen.file} />}
            </>
          )}
        </ChoosePayer>
      </TenantOnly>
    </div>
  );
}

function Drop({ onFile }: { onFile: (file: File) => void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const { over, zone, onChange } = useFileDrop(onFile);
  return (
    <div className={over ? 'zg-drop zg-drop-over' : 'zg-drop'} {...zone} data-testid="drop">
      <InboxOutlined aria-hidden="true" />
      <p>{t('batches.drop')}</p>
      <Button onClick={() => input.current?.click()}>{t('batches.choose')}</Button>
      <p className="zg-muted zg-small">{t('batches.dropHint')}</p>
      <input
        ref={input}
        type="file"
        hidden
        accept=".csv,.txt,text/csv,text/plain"
        onChange={onChange}
        data-testid="batch-file"
      />
    </div>
  );
}
