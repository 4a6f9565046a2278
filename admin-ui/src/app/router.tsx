import type { QueryClient } from '@tanstack/react-query';
import { createBrowserRouter, type RouteObject } from 'react-router';
import { RouteFailure } from './RouteFailure';

type Page = { default: React.ComponentType };

/** One chunk per page: a page loads what it draws. */
function page(load: () => Promise<Page>): Pick<RouteObject, 'lazy'> {
  return { lazy: async () => ({ Component: (await load()).default }) };
}

export function createRouter(queryClient: QueryClient) {
  return createBrowserRouter([
    {
      errorElement: <RouteFailure />,
      hydrateFallbackElement: <div aria-busy="true" />,
      children: [
        { path: '/login', ...page(() => import('@/features/signin/LoginPage')) },
        { path: '/link/:token?', ...page(() => import('@/features/signin/LinkPage')) },
        {
          path: '/',
          lazy: async () => {
            const { sessionLayout } = await import('./SessionGate');
            return { Component: sessionLayout(queryClient) };
          },
          children: [{ errorElement: <RouteFailure />, children: signedIn }],
        },
      ],
    },
  ]);
}

const signedIn: RouteObject[] = [
  { index: true, ...page(() => import('@/features/home/HomePage')) },
  { path: 'take-payment', ...page(() => import('@/features/take-payment/TakePaymentPage')) },
  { path: 'orders', ...page(() => import('@/features/orders/OrdersPage')) },
  { path: 'orders/:id', ...page(() => import('@/features/orders/OrderPage')) },
  { path: 'refunds', ...page(() => import('@/features/refunds/RefundsPage')) },
  { path: 'refunds/:id', ...page(() => import('@/features/refunds/RefundPage')) },
  { path: 'merchants', ...page(() => import('@/features/merchants/MerchantsPage')) },
  { path: 'merchants/new', ...page(() => import('@/features/merchants/OnboardPage')) },
  { path: 'merchants/:id', ...page(() => import('@/features/merchants/MerchantPage')) },
  { path: 'merchants/:id/onboarding', ...page(() => import('@/features/merchants/OnboardPage')) },
  { path: 'providers', ...page(() => import('@/features/providers/ProvidersPage')) },
  { path: 'providers/:id', ...page(() => import('@/features/providers/ProviderPage')) },
  { path: 'stores', ...page(() => import('@/features/stores/StoresPage')) },
  { path: 'team', ...page(() => import('@/features/team/TeamPage')) },
  { path: 'api-keys', ...page(() => import('@/features/api-keys/APIKeysPage')) },
  { path: 'audit', ...page(() => import('@/features/audit/AuditPage')) },
  { path: 'profile', ...page(() => import('@/features/profile/ProfilePage')) },
  { path: '*', ...page(() => import('./NotFoundPage')) },
];
