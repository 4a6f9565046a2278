import { Form, Select, Skeleton } from 'antd';
import { useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { EmptyState } from '@/components/EmptyState';
import { Section } from '@/components/Section';
import { useNames } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { type Payer, usePayers } from './api';

/** What is paid from one of the merchant's accounts: the only one at once, of several that which is chosen. */
export function ChoosePayer({ children }: { children: (payer: Payer) => ReactNode }) {
  const { t } = useTranslation();
  const { tenantId } = useSession();
  const names = useNames();
  const id = useId();
  const { payers, isPending } = usePayers(tenantId);
  const [search, setSearch] = useSearchParams();
  const chosen = payers.find((p) => p.account.id === search.get('account')) ?? (payers.length === 1 ? payers[0] : undefined);
  if (isPending) return <div className="zg-card zg-card-pad" aria-busy="true"><Skeleton active paragraph={{ rows: 8 }} /></div>;
  if (payers.length === 0) return <div className="zg-card"><EmptyState title={t('payouts.noAccount')} hint={t('payouts.noAccountHint')} /></div>;
  return (
    <>
      {payers.length > 1 && (
        <Section title={t('payouts.account')}>
          <Form component={false} layout="vertical">
            <Form.Item label={t('payouts.accountChoose')} htmlFor={id}>
              <Select
                id={id}
                value={chosen?.account.id}
                onChange={(account: string) => setSearch({ account }, { replace: true })}
                options={payers.map((p) => ({ value: p.account.id, label: `${p.account.name} · ${names.provider(p.account.provider)}` }))}
              />
            </Form.Item>
          </Form>
        </Section>
      )}
      {chosen && children(chosen)}
    </>
  );
}
