import { BellOutlined } from '@ant-design/icons';
import { Badge, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useAlertCount } from '@/features/alerts/api';
import { PermissionGate } from '@/components/PermissionGate';

/** How many alerts are nobody's yet, on every page. */
export function AlertBell() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const counted = useAlertCount();
  const count = counted?.count ?? 0;
  return (
    <PermissionGate may="alerts:read">
      <Badge count={count} overflowCount={counted?.more ? count - 1 : 99} size="small" color={counted?.critical ? 'var(--zg-alarm)' : 'var(--zg-alarm-soft)'} offset={[-4, 4]}>
        <Button icon={<BellOutlined aria-hidden="true" />} aria-label={count > 0 ? t('alerts.bell', { count }) : t('alerts.bellNone')} onClick={() => void navigate('/alerts')} data-testid="alert-bell" data-count={count} />
      </Badge>
    </PermissionGate>
  );
}
