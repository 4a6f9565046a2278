import {
  AccountBookOutlined, DashboardOutlined, HddOutlined, WalletOutlined, ApiOutlined, AppstoreOutlined, AuditOutlined, BellOutlined, CalendarOutlined, DiffOutlined, DownloadOutlined, FieldTimeOutlined, FileTextOutlined, HomeOutlined, InboxOutlined, KeyOutlined, QuestionCircleOutlined, RollbackOutlined, PercentageOutlined, ScanOutlined, ScheduleOutlined, StopOutlined, ShopOutlined, SolutionOutlined, TeamOutlined, BankOutlined, SendOutlined, CreditCardOutlined, ExperimentOutlined, IdcardOutlined, CodeOutlined, NotificationOutlined, ReadOutlined,
} from '@ant-design/icons';
import type { ReactNode } from 'react';
import type { Offered } from '@/lib/offered';
import type { May, Permission } from '@/lib/permissions';

export interface MenuItem {
  to: string;
  label: string;
  icon: ReactNode;
  may?: Permission;
  /** Only where this is offered. */
  where?: Offered;
  /** Where it makes sense: in one merchant, on the platform, or in both. */
  scope: 'tenant' | 'platform' | 'both';
  end?: boolean;
  /** Shows how much waits there for the user. */
  badge?: boolean;
}

export interface MenuGroup {
  title?: string;
  items: MenuItem[];
}

const groups: MenuGroup[] = [
  { items: [{ to: '/', label: 'nav.home', icon: <HomeOutlined aria-hidden="true" />, scope: 'both', end: true }] },
  {
    title: 'nav.groupTrade',
    items: [
      { to: '/take-payment', label: 'nav.takePayment', icon: <ScanOutlined aria-hidden="true" />, may: 'payments:create', scope: 'tenant' },
      { to: '/orders', label: 'nav.orders', icon: <FileTextOutlined aria-hidden="true" />, may: 'payments:read', scope: 'both' },
      { to: '/shift', label: 'nav.shift', icon: <FieldTimeOutlined aria-hidden="true" />, may: 'shifts:read', scope: 'tenant' },
      { to: '/refunds', label: 'nav.refunds', icon: <RollbackOutlined aria-hidden="true" />, may: 'refunds:read', scope: 'both' },
      { to: '/payouts', label: 'nav.payouts', icon: <SendOutlined aria-hidden="true" />, may: 'payouts:read', scope: 'both' },
      { to: '/cards', label: 'nav.cards', icon: <CreditCardOutlined aria-hidden="true" />, may: 'cards:read', scope: 'tenant', where: 'cards' },
      { to: '/members', label: 'nav.members', icon: <IdcardOutlined aria-hidden="true" />, may: 'members:read', scope: 'tenant', where: 'members' },
    ],
  },
  {
    title: 'nav.groupCare',
    items: [
      { to: '/approvals', label: 'nav.approvals', icon: <SolutionOutlined aria-hidden="true" />, may: 'approvals:read', scope: 'both', badge: true },
      { to: '/cases', label: 'nav.cases', icon: <QuestionCircleOutlined aria-hidden="true" />, may: 'cases:read', scope: 'both' },
      { to: '/alerts', label: 'nav.alerts', icon: <BellOutlined aria-hidden="true" />, may: 'alerts:read', scope: 'both' },
      { to: '/callbacks', label: 'nav.callbacks', icon: <InboxOutlined aria-hidden="true" />, may: 'callbacks:read', scope: 'both' },
    ],
  },
  {
    title: 'nav.groupBooks',
    items: [
      { to: '/reconciliation', label: 'nav.reconciliation', icon: <CalendarOutlined aria-hidden="true" />, may: 'reconciliation:read', scope: 'both' },
      { to: '/differences', label: 'nav.differences', icon: <DiffOutlined aria-hidden="true" />, may: 'reconciliation:read', scope: 'both' },
      { to: '/balances', label: 'nav.balances', icon: <WalletOutlined aria-hidden="true" />, may: 'balances:read', scope: 'both' },
      { to: '/settlement', label: 'nav.settlement', icon: <AccountBookOutlined aria-hidden="true" />, may: 'settlement:read', scope: 'both' },
      { to: '/exports', label: 'nav.exports', icon: <DownloadOutlined aria-hidden="true" />, may: 'exports:read', scope: 'both' },
    ],
  },
  {
    title: 'nav.groupManage',
    items: [
      { to: '/merchants', label: 'nav.merchants', icon: <BankOutlined aria-hidden="true" />, may: 'tenants:read', scope: 'platform' },
      { to: '/merchants/:tenant', label: 'nav.merchant', icon: <BankOutlined aria-hidden="true" />, may: 'tenants:read', scope: 'tenant' },
      { to: '/stores', label: 'nav.stores', icon: <ShopOutlined aria-hidden="true" />, may: 'stores:read', scope: 'tenant' },
      { to: '/team', label: 'nav.team', icon: <TeamOutlined aria-hidden="true" />, may: 'users:read', scope: 'both' },
      { to: '/limits', label: 'nav.limits', icon: <StopOutlined aria-hidden="true" />, may: 'limits:read', scope: 'tenant' },
      { to: '/fees', label: 'nav.fees', icon: <PercentageOutlined aria-hidden="true" />, may: 'fees:read', scope: 'tenant' },
    ],
  },
  {
    title: 'nav.groupDevelopers',
    items: [
      { to: '/api-reference', label: 'nav.apiReference', icon: <ReadOutlined aria-hidden="true" />, may: 'webhooks:test', scope: 'tenant' },
      { to: '/api-keys', label: 'nav.apiKeys', icon: <KeyOutlined aria-hidden="true" />, may: 'apikeys:read', scope: 'tenant' },
      { to: '/webhooks', label: 'nav.webhooks', icon: <NotificationOutlined aria-hidden="true" />, may: 'webhooks:read', scope: 'tenant' },
      { to: '/webhook-deliveries', label: 'nav.deliveries', icon: <SendOutlined aria-hidden="true" />, may: 'deliveries:read', scope: 'tenant' },
      { to: '/request-log', label: 'nav.requestLog', icon: <CodeOutlined aria-hidden="true" />, may: 'requests:read', scope: 'tenant' },
    ],
  },
  {
    title: 'nav.groupSystem',
    items: [
      { to: '/providers', label: 'nav.providers', icon: <ApiOutlined aria-hidden="true" />, may: 'plugins:read', scope: 'platform', end: true },
      { to: '/providers/health', label: 'nav.providerHealth', icon: <DashboardOutlined aria-hidden="true" />, may: 'system:read', scope: 'platform' },
      { to: '/plugins', label: 'nav.plugins', icon: <AppstoreOutlined aria-hidden="true" />, may: 'plugins:inspect', scope: 'platform' },
      { to: '/calendar', label: 'nav.calendar', icon: <ScheduleOutlined aria-hidden="true" />, may: 'calendar:read', scope: 'platform' },
      { to: '/system', label: 'nav.system', icon: <HddOutlined aria-hidden="true" />, may: 'system:read', scope: 'platform' },
      { to: '/audit', label: 'nav.audit', icon: <AuditOutlined aria-hidden="true" />, may: 'audit:read', scope: 'both' },
      { to: '/simulator', label: 'nav.simulator', icon: <ExperimentOutlined aria-hidden="true" />, may: 'simulator:use', scope: 'both', where: 'simulator' },
    ],
  },
];

/** The menu of this user here; groups with nothing in them are left out. */
export function menuFor(may: May, tenantId: string | undefined, offered: ReadonlySet<Offered>): MenuGroup[] {
  const here = tenantId ? 'tenant' : 'platform';
  return groups
    .map((group) => ({
      ...group,
      items: group.items
        .filter((item) => (item.scope === 'both' || item.scope === here) && (!item.may || may(item.may)) && (!item.where || offered.has(item.where)))
        .map((item) => ({ ...item, to: item.to.replace(':tenant', tenantId ?? '') })),
    }))
    .filter((group) => group.items.length > 0);
}
