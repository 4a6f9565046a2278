import { Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useAccounts, useNames, useProviders } from '@/lib/queries';

interface Scoped {
  account_id?: string;
  method?: string;
}

/** The name of what a rule is about: the whole merchant, an account, or a method of an account. */
export function useScopeName(tenantId: string | undefined): (scope: Scoped) => string {
  const { t } = useTranslation();
  const accounts = useAccounts(tenantId).data ?? [];
  const names = useNames();
  return ({ account_id: id, method }) => {
    if (!id) return t('rules.wholeMerchant');
    const account = accounts.find((a) => a.id === id);
    if (!account) return id;
    if (!method) return account.name;
    return `${account.name} · ${method === 'payout' ? t('rules.spending.payout') : names.method(account.provider, method)}`;
  };
}

/** The methods an account's provider takes payments by. */
export function useMethodOptions(tenantId: string | undefined, accountId: string | undefined): { value: string; label: string }[] {
  const provider = (useAccounts(tenantId).data ?? []).find((a) => a.id === accountId)?.provider;
  const products = useProviders().data?.find((p) => p.id === provider)?.manifest?.products ?? [];
  const names = useNames();
  const methods = new Set(products.flatMap((p) => p.methods).map((m) => m.method));
  return provider ? [...methods].map((m) => ({ value: m, label: names.method(provider, m) })) : [];
}

interface ScopeFieldsProps {
  tenantId: string | undefined;
  account?: string;
  method?: string;
  onChange: (scope: { account?: string; method?: string }) => void;
  /** Payouts have no method. */
  withMethod: boolean;
  disabled?: boolean;
}

/** Chooses what a rule is about. Must stand inside an antd Form. */
export function ScopeFields({ tenantId, account, method, onChange, withMethod, disabled }: ScopeFieldsProps) {
  const { t } = useTranslation();
  const accounts = useAccounts(tenantId).data ?? [];
  const methods = useMethodOptions(tenantId, account);
  return (
    <div className="zg-pair">
      <Form.Item label={t('rules.scope')} htmlFor="rule-account">
        <Select id="rule-account" allowClear disabled={disabled} value={account} placeholder={t('rules.wholeMerchant')} onChange={(next?: string) => onChange({ account: next })} options={accounts.map((a) => ({ value: a.id, label: a.name }))} />
      </Form.Item>
      {withMethod && (
        <Form.Item label={t('rules.method')} htmlFor="rule-method">
          <Select id="rule-method" allowClear disabled={disabled || !account} value={method} placeholder={t('rules.allMethods')} onChange={(next?: string) => onChange({ account, method: next })} options={methods} />
        </Form.Item>
      )}
    </div>
  );
}
