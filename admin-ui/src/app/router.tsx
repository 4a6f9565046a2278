import type { QueryClient } from '@tanstack/react-query';
import type { i18n } from 'i18next';
import { createBrowserRouter, type RouteObject } from 'react-router';
import { loadWords } from '@/i18n';
import type { Permission } from '@/lib/permissions';
import { RouteFailure } from './RouteFailure';

type Page = { default: React.ComponentType };

/** One chunk per page: a page loads what it draws. */
function page(load: () => Promise<Page>): Pick<RouteObject, 'lazy'> {
  return { lazy: async () => ({ Component: (await load()).default }) };
}

/** A page that only those see who may. */
function pageFor(may: Permission, load: () => Promise<Page>): Pick<RouteObject, 'lazy'> {
  return {
    lazy: async () => {
      const [{ default: Page }, { guarded }] = await Promise.all([load(), import('./guarded')]);
      return { Component: guarded(Page, may) };
    },
  };
}

/** Pages with words that only their kind says, loaded with the first of them. */
function pagesSaying(part: string) {
  return (i18n: i18n, may: Permission, load: () => Promise<Page>): Pick<RouteObject, 'lazy'> =>
    pageFor(may, async () => {
      const [loaded] = await Promise.all([load(), loadWords(i18n, part)]);
      return loaded;
    });
}

const booksFor = pagesSaying('books');
const payoutsFor = pagesSaying('payouts');
const pluginsFor = pagesSaying('plugins');
const reportsFor = pagesSaying('reports');
const peopleFor = pagesSaying('access');
const rulesFor = pagesSaying('rules');
const tillFor = pagesSaying('till');
const developersFor = pagesSaying('developers');

export function createRouter(queryClient: QueryClient, i18n: i18n) {
  return createBrowserRouter([
    {
      errorElement: <RouteFailure />,
      hydrateFallbackElement: <div aria-busy="true" />,
      children: [
        { path: '/login', ...page(() => import('@/features/signin/LoginPage')) },
        { path: '/link', ...page(() => import('@/features/signin/LinkPage')) },
        {
          path: '/',
          lazy: async () => {
            const [{ sessionLayout }] = await Promise.all([import('./SessionGate'), loadWords(i18n, 'pages')]);
            return { Component: sessionLayout(queryClient) };
          },
          children: [{ errorElement: <RouteFailure />, children: [home(i18n), ...signedIn, ...books(i18n), ...payouts(i18n), ...reports(i18n), ...plugins(i18n), ...people(i18n), ...rules(i18n), ...till(i18n), ...developers(i18n), notFound] }],
        },
      ],
    },
  ]);
}

const home = (i18n: i18n): RouteObject => ({
  index: true,
  ...page(async () => {
    const [loaded] = await Promise.all([import('@/features/home/HomePage'), loadWords(i18n, 'home')]);
    return loaded;
  }),
});

const signedIn: RouteObject[] = [
  { path: 'orders', ...pageFor('payments:read', () => import('@/features/orders/OrdersPage')) },
  { path: 'orders/:id', ...pageFor('payments:read', () => import('@/features/orders/OrderPage')) },
  { path: 'refunds', ...pageFor('refunds:read', () => import('@/features/refunds/RefundsPage')) },
  { path: 'refunds/:id', ...pageFor('refunds:read', () => import('@/features/refunds/RefundPage')) },
  { path: 'approvals', ...pageFor('approvals:read', () => import('@/features/approvals/ApprovalsPage')) },
  { path: 'approvals/tiers', ...pageFor('approvals:tiers', () => import('@/features/approvals/TiersPage')) },
  { path: 'approvals/:id', ...pageFor('approvals:read', () => import('@/features/approvals/ApprovalPage')) },
  { path: 'cases', ...pageFor('cases:read', () => import('@/features/cases/CasesPage')) },
  { path: 'cases/:id', ...pageFor('cases:read', () => import('@/features/cases/CasePage')) },
  { path: 'alerts', ...pageFor('alerts:read', () => import('@/features/alerts/AlertsPage')) },
  { path: 'alerts/channels', ...pageFor('alert_channels:read', () => import('@/features/alerts/ChannelsPage')) },
  { path: 'callbacks', ...pageFor('callbacks:read', () => import('@/features/callbacks/CallbacksPage')) },
  { path: 'callbacks/:id', ...pageFor('callbacks:read', () => import('@/features/callbacks/CallbackPage')) },
  { path: 'exports', ...pageFor('exports:read', () => import('@/features/exports/ExportsPage')) },
  { path: 'merchants', ...pageFor('tenants:read', () => import('@/features/merchants/MerchantsPage')) },
  { path: 'merchants/new', ...pageFor('tenants:create', () => import('@/features/merchants/OnboardPage')) },
  { path: 'merchants/:id', ...pageFor('tenants:read', () => import('@/features/merchants/MerchantPage')) },
  { path: 'merchants/:id/onboarding', ...pageFor('tenants:update', () => import('@/features/merchants/OnboardPage')) },
  { path: 'providers', ...pageFor('plugins:read', () => import('@/features/providers/ProvidersPage')) },
  { path: 'providers/:id', ...pageFor('plugins:read', () => import('@/features/providers/ProviderPage')) },
  { path: 'stores', ...pageFor('stores:read', () => import('@/features/stores/StoresPage')) },
];

const books = (i18n: i18n): RouteObject[] => [
  { path: 'reconciliation', ...booksFor(i18n, 'reconciliation:read', () => import('@/features/reconciliation/ReconciliationPage')) },
  { path: 'reconciliation/:id', ...booksFor(i18n, 'reconciliation:read', () => import('@/features/reconciliation/DayPage')) },
  { path: 'differences', ...booksFor(i18n, 'reconciliation:read', () => import('@/features/reconciliation/DifferencesPage')) },
  { path: 'differences/:id', ...booksFor(i18n, 'reconciliation:read', () => import('@/features/reconciliation/DifferencePage')) },
  { path: 'bills/:id', ...booksFor(i18n, 'reconciliation:read', () => import('@/features/reconciliation/BillPage')) },
  { path: 'bill-imports', ...booksFor(i18n, 'bills:read', () => import('@/features/bill-import/ImportsPage')) },
  { path: 'bill-imports/new', ...booksFor(i18n, 'bills:import', () => import('@/features/bill-import/NewImportPage')) },
  { path: 'bill-imports/mappings', ...booksFor(i18n, 'bills:read', () => import('@/features/bill-import/MappingsPage')) },
  { path: 'bill-imports/:id', ...booksFor(i18n, 'bills:read', () => import('@/features/bill-import/ImportPage')) },
  { path: 'settlement', ...booksFor(i18n, 'settlement:read', () => import('@/features/settlement/SettlementPage')) },
  { path: 'settlement/entries', ...booksFor(i18n, 'settlement:read', () => import('@/features/settlement/EntriesPage')) },
  { path: 'shift', ...booksFor(i18n, 'shifts:read', () => import('@/features/settlement/ShiftPage')) },
];

const payouts = (i18n: i18n): RouteObject[] => [
  { path: 'payouts', ...payoutsFor(i18n, 'payouts:read', () => import('@/features/payouts/PayoutsPage')) },
  { path: 'payouts/new', ...payoutsFor(i18n, 'payouts:create', () => import('@/features/payouts/NewPayoutPage')) },
  { path: 'payouts/batches', ...payoutsFor(i18n, 'payouts:read', () => import('@/features/payouts/BatchesPage')) },
  { path: 'payouts/batches/new', ...payoutsFor(i18n, 'payouts:create', () => import('@/features/payouts/NewBatchPage')) },
  { path: 'payouts/batches/:id', ...payoutsFor(i18n, 'payouts:read', () => import('@/features/payouts/BatchPage')) },
  { path: 'payouts/:id', ...payoutsFor(i18n, 'payouts:read', () => import('@/features/payouts/PayoutPage')) },
];

const reports = (i18n: i18n): RouteObject[] => [
  { path: 'balances', ...reportsFor(i18n, 'balances:read', () => import('@/features/balances/BalancesPage')) },
  { path: 'balances/:id', ...reportsFor(i18n, 'balances:read', () => import('@/features/balances/BalancePage')) },
  { path: 'providers/health', ...reportsFor(i18n, 'system:read', () => import('@/features/health/HealthPage')) },
  { path: 'system', ...reportsFor(i18n, 'system:read', () => import('@/features/system/SystemPage')) },
];

const plugins = (i18n: i18n): RouteObject[] => [
  { path: 'plugins', ...pluginsFor(i18n, 'plugins:inspect', () => import('@/features/plugins/PluginsPage')) },
  { path: 'plugins/:id', ...pluginsFor(i18n, 'plugins:inspect', () => import('@/features/plugins/PluginPage')) },
  { path: 'plugins/:id/:sha256', ...pluginsFor(i18n, 'plugins:inspect', () => import('@/features/plugins/VersionPage')) },
];

const people = (i18n: i18n): RouteObject[] => [
  { path: 'team', ...peopleFor(i18n, 'users:read', () => import('@/features/team/TeamPage')) },
  { path: 'audit', ...peopleFor(i18n, 'audit:read', () => import('@/features/audit/AuditPage')) },
  // Everybody has a page of their own.
  { path: 'profile', ...page(async () => (await Promise.all([import('@/features/profile/ProfilePage'), loadWords(i18n, 'access')]))[0]) },
];

const rules = (i18n: i18n): RouteObject[] => [
  { path: 'limits', ...rulesFor(i18n, 'limits:read', () => import('@/features/rules/LimitsPage')) },
  { path: 'merchants/:id/limits', ...rulesFor(i18n, 'limits:read', () => import('@/features/rules/LimitsPage')) },
  { path: 'fees', ...rulesFor(i18n, 'fees:read', () => import('@/features/rules/FeesPage')) },
  { path: 'merchants/:id/fees', ...rulesFor(i18n, 'fees:read', () => import('@/features/rules/FeesPage')) },
  { path: 'calendar', ...rulesFor(i18n, 'calendar:read', () => import('@/features/rules/CalendarPage')) },
];

const till = (i18n: i18n): RouteObject[] => [
  { path: 'take-payment', ...tillFor(i18n, 'payments:create', () => import('@/features/take-payment/TakePaymentPage')) },
  { path: 'cards', ...tillFor(i18n, 'cards:read', () => import('@/features/cards/CardsPage')) },
  { path: 'members', ...tillFor(i18n, 'members:read', () => import('@/features/members/MembersPage')) },
  { path: 'simulator', ...tillFor(i18n, 'simulator:use', () => import('@/features/simulator/SimulatorPage')) },
];

const developers = (i18n: i18n): RouteObject[] => [
  { path: 'api-keys', ...developersFor(i18n, 'apikeys:read', () => import('@/features/api-keys/APIKeysPage')) },
  { path: 'webhooks', ...developersFor(i18n, 'webhooks:read', () => import('@/features/webhooks/WebhooksPage')) },
  { path: 'webhooks/:id', ...developersFor(i18n, 'webhooks:read', () => import('@/features/webhooks/WebhookPage')) },
  { path: 'webhook-deliveries', ...developersFor(i18n, 'deliveries:read', () => import('@/features/webhooks/DeliveriesPage')) },
  { path: 'webhook-deliveries/:id', ...developersFor(i18n, 'deliveries:read', () => import('@/features/webhooks/DeliveryPage')) },
  { path: 'request-log', ...developersFor(i18n, 'requests:read', () => import('@/features/request-log/RequestsPage')) },
  { path: 'request-log/:id', ...developersFor(i18n, 'requests:read', () => import('@/features/request-log/RequestPage')) },
  { path: 'api-reference', ...developersFor(i18n, 'events:read', () => import('@/features/api-reference/ReferencePage')) },
];

const notFound: RouteObject = { path: '*', ...page(() => import('./NotFoundPage')) };
