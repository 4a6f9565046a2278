import { useTranslation } from 'react-i18next';
import { StatusTag, type Tone } from '@/components/StatusTag';
import type { Entry } from './api';

function toneOf(status: number): Tone {
  if (status >= 500) return 'bad';
  return status >= 400 ? 'waiting' : 'good';
}

/** How a request ended: the status of the reply, and in words whose turn it is. */
export function Result({ value: e }: { value: Entry }) {
  const { t } = useTranslation();
  const word = e.status >= 500 ? 'failed' : e.status >= 400 ? 'refused' : 'succeeded';
  return <StatusTag tone={toneOf(e.status)} testId="request-result">{t(`requests.results.${word}`)} {e.status}</StatusTag>;
}

/** What was asked: method and address. */
export function Asked({ value: e }: { value: Entry }) {
  return <span className="zg-mono">{e.method} {e.route}</span>;
}

/** What the program was told, in the user's language. */
export function Told({ value: e }: { value: Entry }) {
  const { t } = useTranslation();
  if (!e.code) return null;
  return <span className="zg-muted zg-small">{t(`errors.${e.code}`, { defaultValue: e.message })}</span>;
}
