import { type QueryClient, useQuery } from '@tanstack/react-query';
import { App as AntApp, Spin } from 'antd';
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, Outlet, useLocation } from 'react-router';
import { ErrorSentence } from '@/components/ErrorSentence';
import { api, callOnce, type Me, setCSRF, setTenant } from '@/lib/api/client';
import { ApiError } from '@/lib/api/error';
import { mayFrom, MayContext } from '@/lib/permissions';
import { SessionContext, type SessionView, storedTenant, storeTenant, tellSignedOut } from '@/lib/session';
import { InterruptionDialogs } from './InterruptionDialogs';
import { Shell } from './Shell';

/** The layout of all pages that need a session. */
export function sessionLayout(queryClient: QueryClient) {
  return function SessionLayout() {
    return (
      <AntApp component={false}>
        <SessionGate queryClient={queryClient}>
          <Shell>
            <Outlet />
          </Shell>
        </SessionGate>
      </AntApp>
    );
  };
}

async function loadMe(tenant: string | undefined): Promise<Me> {
  setTenant(tenant);
  try {
    const me = await callOnce(() => api.GET('/v1/session'));
    setCSRF(me.csrf_token);
    return me;
  } catch (error) {
    // The merchant chosen last may be another user's, or the role may have been taken away.
    if (tenant && error instanceof ApiError && ['not_found', 'forbidden', 'tenant_required'].includes(error.code)) {
      storeTenant(undefined);
      return loadMe(undefined);
    }
    throw error;
  }
}

/** A person with roles at several merchants, none chosen yet, begins in the first. */
function firstTenant(me: Me): string | undefined {
  if (me.platform || me.tenant_id) return me.tenant_id;
  return me.user?.roles.find((role) => role.tenant_id)?.tenant_id;
}

function SessionGate({ queryClient, children }: { queryClient: QueryClient; children: ReactNode }) {
  const { t } = useTranslation();
  const location = useLocation();
  const [tenant, setChosen] = useState(storedTenant);
  const query = useQuery({
    queryKey: ['me', tenant],
    queryFn: async () => {
      const me = await loadMe(tenant);
      const first = firstTenant(me);
      return first && first !== me.tenant_id ? loadMe(first) : me;
    },
    staleTime: 60_000,
    refetchOnWindowFocus: true,
    retry: false,
  });

  const chooseTenant = useCallback(
    (next: string | undefined) => {
      storeTenant(next);
      setTenant(next);
      queryClient.removeQueries({ predicate: (q) => q.queryKey[0] !== 'me' });
      setChosen(next);
    },
    [queryClient],
  );
  const signOut = useCallback(async () => {
    await callOnce(() => api.DELETE('/v1/session')).catch(() => undefined);
    tellSignedOut();
    storeTenant(undefined);
    setTenant(undefined);
    setCSRF(undefined);
    queryClient.clear();
    window.location.assign('/login');
  }, [queryClient]);

  const { data: me, refetch } = query;
  const reload = useCallback(async () => void (await refetch()), [refetch]);
  // What is on screen was told to somebody with other rights: it is asked for again.
  const rights = me && JSON.stringify(me.permissions);
  const drawn = useRef(rights);
  useEffect(() => {
    if (drawn.current && rights && drawn.current !== rights) void queryClient.invalidateQueries({ predicate: (q) => q.queryKey[0] !== 'me' });
    drawn.current = rights;
  }, [rights, queryClient]);
  const view = useMemo<SessionView | null>(
    () => (me ? { me, tenantId: me.tenant_id, chooseTenant, signOut, reload } : null),
    [me, chooseTenant, signOut, reload],
  );
  const may = useMemo(() => mayFrom(me?.permissions ?? []), [me]);

  if (query.error instanceof ApiError && query.error.code === 'unauthenticated' && !me) {
    const to = location.pathname + location.search;
    return <Navigate to={to === '/' ? '/login' : `/login?to=${encodeURIComponent(to)}`} replace />;
  }
  if (query.error && !me) {
    return (
      <main className="zg-content">
        <ErrorSentence error={query.error} onRetry={() => void refetch()} />
      </main>
    );
  }
  if (!view) return <main className="zg-empty" aria-busy="true" aria-label={t('common.loading')}><Spin /></main>;
  return (
    <SessionContext.Provider value={view}>
      <MayContext.Provider value={may}>
        {/* Another merchant is another set of pages: nothing of the one before may stay on screen. */}
        <div key={view.tenantId ?? 'platform'} style={{ display: 'contents' }}>
          {children}
        </div>
        <InterruptionDialogs email={view.me.user?.email ?? ''} onRights={view.reload} />
      </MayContext.Provider>
    </SessionContext.Provider>
  );
}
