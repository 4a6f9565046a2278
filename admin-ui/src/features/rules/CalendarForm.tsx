import { DownloadOutlined, UploadOutlined } from '@ant-design/icons';
import { App, Button, Form, Input } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence, fieldError } from '@/components/ErrorSentence';
import type { Schemas } from '@/lib/api/client';
import { saveFile } from '@/lib/download';
import { useSetCalendar } from './api';

const HEADING = 'day,kind,name';

/** Replaces a year's days by a file or by text: one day a row. */
export function CalendarForm({ year, days, onClose }: { year: number; days: Schemas['CalendarDay'][]; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const save = useSetCalendar(year);
  const [csv, setCSV] = useState(() => [HEADING, ...days.map((d) => [d.day, d.kind, d.name ?? ''].join(','))].join('\n'));
  const picker = useRef<HTMLInputElement>(null);
  const wrong = fieldError(t, save.error, 'csv');
  const submit = () =>
    !save.isPending &&
    save.mutate(csv, {
      onSuccess: () => {
        void message.success(t('rules.saved'));
        onClose();
      },
    });
  const template = `\ufeff${HEADING}\n${year}-10-01,holiday,${t('rules.templateHoliday')}\n`;
  return (
    <Form layout="vertical" requiredMark={false} onFinish={submit} data-testid="calendar-form">
      <p className="zg-muted zg-modal-lead">{t('rules.uploadHint')}</p>
      <div className="zg-actions zg-modal-lead">
        <input ref={picker} type="file" accept=".csv,text/csv,text/plain" hidden onChange={(e) => void e.target.files?.[0]?.text().then((text) => setCSV(text.replace(/^\ufeff/, '')))} data-testid="calendar-file" />
        <Button icon={<UploadOutlined aria-hidden="true" />} onClick={() => picker.current?.click()}>{t('rules.chooseFile')}</Button>
        <Button icon={<DownloadOutlined aria-hidden="true" />} onClick={() => saveFile(new Blob([template], { type: 'text/csv;charset=utf-8' }), `calendar-${year}.csv`)}>{t('rules.template')}</Button>
      </div>
      <Form.Item label={t('rules.csv')} htmlFor="calendar-csv" extra={t('rules.csvHint')} {...(wrong ? { validateStatus: 'error' as const, help: wrong } : {})}>
        <Input.TextArea id="calendar-csv" className="zg-mono" rows={12} maxLength={65536} value={csv} onChange={(e) => setCSV(e.target.value)} spellCheck={false} />
      </Form.Item>
      {save.error && !wrong && <Form.Item><ErrorSentence error={save.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={save.isPending}>{t('rules.replaceYear')}</Button>
      </div>
    </Form>
  );
}
