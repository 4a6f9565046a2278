import { useTranslation } from 'react-i18next';
import { StatusTag, type Tone } from '@/components/StatusTag';
import type { Import } from './api';

const tones: Record<Import['state'], Tone> = { receiving: 'busy', reading: 'busy', done: 'good', invalid: 'bad', canceled: 'over' };

export function ImportStatus({ value }: { value: Import['state'] }) {
  const { t } = useTranslation();
  return <StatusTag tone={tones[value]} testId="import-status">{t(`billImport.states.${value}`)}</StatusTag>;
}
