import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, call } from '@/lib/api/client';
import { useTenant } from '@/lib/queries';
import { useSession } from '@/lib/session';

const PLATFORM = 'platform';

/** Which merchant the console works in; on the platform, any or none. */
export function MerchantSwitch() {
  const { t } = useTranslation();
  const { me, tenantId } = useSession();
  const own = useTenant(tenantId).data;
  if (me.platform) return <PlatformSwitch current={own} />;
  const roles = (me.user?.roles ?? []).filter((role) => role.tenant_id);
  const merchants = [...new Map(roles.map((r) => [r.tenant_id!, r.tenant_name ?? r.tenant_id!])).entries()];
  if (merchants.length > 1) return <Chooser options={merchants.map(([value, label]) => ({ value, label }))} value={tenantId} />;
  return (
    <span className="zg-strong zg-merchant-name" title={t('top.merchantLabel')}>
      {own?.short_name || own?.name || merchants[0]?.[1]}
    </span>
  );
}

function PlatformSwitch({ current }: { current?: { id: string; name: string; short_name: string } }) {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search);
  const query = useQuery({
    queryKey: ['tenants', 'switch', wanted],
    queryFn: () => call(() => api.GET('/v1/tenants', { params: { query: { limit: 50, ...(wanted ? { search: wanted } : {}) } } })),
    placeholderData: (before) => before,
  });
  const found = query.data?.items ?? [];
  const all = current && !wanted && !found.some((m) => m.id === current.id) ? [current, ...found] : found;
  const options = all.map((m) => ({ value: m.id, label: m.short_name || m.name }));
  return (
    <Chooser
      options={wanted ? options : [{ value: PLATFORM, label: t('top.allMerchants') }, ...options]}
      value={current?.id ?? PLATFORM}
      onSearch={setSearch}
    />
  );
}

function Chooser({ options, value, onSearch }: { options: { value: string; label: string }[]; value?: string; onSearch?: (text: string) => void }) {
  const { t } = useTranslation();
  const { chooseTenant } = useSession();
  const navigate = useNavigate();
  return (
    <Select
      className="zg-merchant-select"
      aria-label={t('top.merchantLabel')}
      data-testid="merchant-switch"
      showSearch={onSearch ? { filterOption: false, onSearch } : { optionFilterProp: 'label' }}
      value={value}
      options={options}
      popupMatchSelectWidth={false}
      onChange={(next) => {
        chooseTenant(next === PLATFORM ? undefined : next);
        void navigate('/');
      }}
    />
  );
}
