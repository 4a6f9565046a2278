import type { Schemas } from './api/client';

export type Coming = 'came' | 'invited' | 'expired' | 'revoked';

/** How far an invited person has come. Who was let in before invitations were kept has come. */
export function comingOf(user: Schemas['User'], now: number): Coming {
  const { invitation, last_login_at: seen } = user;
  if (!invitation || invitation.accepted_at || seen) return 'came';
  if (!invitation.expires_at) return 'revoked';
  return new Date(invitation.expires_at).getTime() > now ? 'invited' : 'expired';
}
