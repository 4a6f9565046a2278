import { createContext, useContext } from 'react';
import type { Me } from './api/client';

/** The signed-in user in the merchant (or on the platform) they act in now. */
export interface SessionView {
  me: Me;
  /** The merchant chosen, or undefined on the platform. */
  tenantId?: string;
  chooseTenant: (tenantId: string | undefined) => void;
  signOut: () => Promise<void>;
  reload: () => Promise<void>;
}

export const SessionContext = createContext<SessionView | null>(null);

export function useSession(): SessionView {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession outside a signed-in page');
  return session;
}

const TENANT_KEY = 'zhanggui.tenant';

/** The merchant this tab works in; each tab may be in another. */
export function storedTenant(): string | undefined {
  try {
    return sessionStorage.getItem(TENANT_KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

export function storeTenant(tenantId: string | undefined): void {
  try {
    if (tenantId) sessionStorage.setItem(TENANT_KEY, tenantId);
    else sessionStorage.removeItem(TENANT_KEY);
  } catch {
    // Kept for this page only.
  }
}

const SIGNED_OUT = 'zhanggui.signed-out';

/** Tells this browser's other tabs that the person signed out. */
export function tellSignedOut(): void {
  const channel = new BroadcastChannel(SIGNED_OUT);
  channel.postMessage(null);
  channel.close();
}

/** Hears when another tab signed out, until the returned function is called. */
export function onSignedOut(hear: () => void): () => void {
  const channel = new BroadcastChannel(SIGNED_OUT);
  channel.onmessage = hear;
  return () => channel.close();
}
