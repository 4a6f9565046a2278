import { App, Button, Form, Input, Progress, Select } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { ErrorSentence } from '@/components/ErrorSentence';
import { FileDrop } from '@/components/FileDrop';
import { PageHead } from '@/components/PageHead';
import { Section } from '@/components/Section';
import { TenantOnly } from '@/components/TenantOnly';
import { addDays, beijingDay, isDay } from '@/lib/beijing';
import { fenToInput, parseYuan } from '@/lib/money';
import { type Account, useAccounts, useNames, useProviders } from '@/lib/queries';
import { inLanguage } from '@/lib/schema';
import { useSession } from '@/lib/session';
import { chunksOf, type Mapping, useUpload } from './api';
import { ChooseMapping } from './ChooseMapping';

/** Brings a provider's bill file in: of which day, how it is read, then the file itself. */
export default function NewImportPage() {
  const { t } = useTranslation();
  return (
    <div className="zg-page zg-narrow">
      <PageHead title={t('billImport.new')} lead={t('billImport.newLead')} back={{ to: '/bill-imports', label: t('billImport.title') }} />
      <TenantOnly><Wizard /></TenantOnly>
    </div>
  );
}

function Wizard() {
  const { tenantId } = useSession();
  const [search] = useSearchParams();
  const [today] = useState(() => beijingDay(Date.now()));
  const accounts = useAccounts(tenantId).data ?? [];
  const asked = search.get('day') ?? '';
  const [accountId, setAccount] = useState(search.get('account') ?? undefined);
  const [day, setDay] = useState(isDay(asked) ? asked : addDays(today, -1));
  const [scope, setScope] = useState('');
  const [file, setFile] = useState<File>();
  const [mapping, setMapping] = useState<Mapping>();
  const account = accounts.find((a) => a.id === accountId) ?? (accounts.length === 1 ? accounts[0] : undefined);
  return (
    <>
      <About
        accounts={accounts}
        account={account}
        day={day}
        last={addDays(today, -1)}
        scope={scope}
        onAccount={(id) => {
          setAccount(id);
          setScope('');
          setMapping(undefined);
        }}
        onDay={setDay}
        onScope={setScope}
        file={file}
        onFile={setFile}
      />
      {account && file && <ChooseMapping key={account.provider} provider={account.provider} file={file} value={mapping} onChange={setMapping} />}
      {account && file && mapping && isDay(day) && <Send content={{ account_id: account.id, day, mapping_id: mapping.id, ...(scope && { scope }) }} file={file} />}
    </>
  );
}

interface AboutProps {
  accounts: Account[];
  account: Account | undefined;
  day: string;
  last: string;
  scope: string;
  onAccount: (id: string) => void;
  onDay: (day: string) => void;
  onScope: (scope: string) => void;
  file: File | undefined;
  onFile: (file: File) => void;
}

function About({ accounts, account, day, last, scope, file, onAccount, onDay, onScope, onFile }: AboutProps) {
  const { t, i18n } = useTranslation();
  const names = useNames();
  const products = useProviders().data?.find((p) => p.id === account?.provider)?.manifest?.products ?? [];
  const [accountField, dayField, scopeField] = [useId(), useId(), useId()];
  return (
    <Section title={t('billImport.about')}>
      <Form component={false} layout="vertical" requiredMark={false}>
        <div className="zg-pair">
          <Form.Item label={t('callbacks.account')} htmlFor={accountField}>
            <Select id={accountField} value={account?.id} onChange={onAccount} options={accounts.map((a) => ({ value: a.id, label: `${a.name} · ${names.provider(a.provider)}` }))} />
          </Form.Item>
          <Form.Item label={t('reconciliation.day')} htmlFor={dayField} extra={t('reconciliation.dayHint')}>
            <Input id={dayField} type="date" value={day} max={last} onChange={(e) => onDay(e.target.value)} />
          </Form.Item>
          {products.length > 1 && (
            <Form.Item label={t('billImport.scope')} htmlFor={scopeField} extra={t('billImport.scopeHint')}>
              <Select id={scopeField} value={scope} onChange={onScope} options={[{ value: '', label: t('billImport.wholeAccount') }, ...products.map((p) => ({ value: p.id, label: inLanguage(p.name, i18n.language) }))]} />
            </Form.Item>
          )}
        </div>
      </Form>
      <FileDrop accept=".csv,.txt,text/csv,text/plain" hint={t('billImport.fileHint')} chosen={file?.name} onFile={onFile} testId="bill-file" />
    </Section>
  );
}

/** Says what is known of the file from elsewhere, and sends it. */
function Send({ content, file }: { content: Parameters<ReturnType<typeof useUpload>['mutate']>[0]['content']; file: File }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const upload = useUpload();
  const [count, setCount] = useState('');
  const [amount, setAmount] = useState('');
  const [received, setReceived] = useState(0);
  const [countField, amountField] = [useId(), useId()];
  const fen = parseYuan(amount, 9_000_000_000_000_000n);
  const badCount = count.trim() !== '' && !/^\d{1,7}$/.test(count.trim());
  const badAmount = fen.problem !== undefined && fen.problem !== 'empty' && fen.problem !== 'zero';
  const parts = chunksOf(file.size);
  const submit = () => {
    if (upload.isPending || badCount || badAmount) return;
    setReceived(0);
    const expected = { ...(count.trim() && { expected_count: Number(count.trim()) }), ...(fen.fen !== undefined && { expected_amount: fen.fen }) };
    upload.mutate(
      { content: { ...content, ...expected }, file, onProgress: setReceived },
      {
        onSuccess: (made) => {
          void message.info(t('billImport.sent'));
          void navigate(`/bill-imports/${made.id}`);
        },
      },
    );
  };
  return (
    <Section title={t('billImport.send')}>
      <Form layout="vertical" requiredMark={false} onFinish={submit} data-testid="send-form">
        <p className="zg-muted zg-modal-lead">{t('billImport.expectedHint')}</p>
        <div className="zg-pair">
          <Form.Item label={t('billImport.expectedCount')} htmlFor={countField} validateStatus={badCount ? 'error' : undefined} help={badCount ? t('billImport.problems.count') : undefined}>
            <Input id={countField} inputMode="numeric" value={count} onChange={(e) => setCount(e.target.value)} maxLength={9} />
          </Form.Item>
          <Form.Item label={t('billImport.expectedAmount')} htmlFor={amountField} validateStatus={badAmount ? 'error' : undefined} help={badAmount ? t('amount.format') : undefined}>
            <Input id={amountField} prefix="¥" inputMode="decimal" value={amount} onChange={(e) => setAmount(e.target.value)} onBlur={() => fen.fen !== undefined && setAmount(fenToInput(fen.fen))} maxLength={20} />
          </Form.Item>
        </div>
        {upload.error && <Form.Item><ErrorSentence error={upload.error} /></Form.Item>}
        {upload.isPending && <Progress percent={Math.floor((received * 100) / parts)} aria-label={t('billImport.sending')} />}
        <div className="zg-actions zg-actions-end">
          <Button type="primary" htmlType="submit" loading={upload.isPending} data-testid="send-file">{upload.error ? t('common.retry') : t('billImport.sendFile')}</Button>
        </div>
      </Form>
    </Section>
  );
}
