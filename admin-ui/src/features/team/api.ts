import { useMutation, useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/lib/api/client';
import { useRefresh } from '@/lib/queries';

export type User = Schemas['User'];

export function useTeam(tenantId: string | undefined) {
  return useQuery({ queryKey: ['users', tenantId], queryFn: () => call(() => api.GET('/v1/users')) });
}

export function useSetRoles(user: User) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (roles: Schemas['RoleBindingRequest'][]) => call(() => api.PUT('/v1/users/{user_id}/roles', { params: { path: { user_id: user.id } }, body: { roles } })),
    onSuccess: () => refresh('users', 'actors'),
  });
}

export function useUserStatus(user: User) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (disabled: boolean) => call(() => api.POST('/v1/users/{user_id}/status', { params: { path: { user_id: user.id } }, body: { disabled } })),
    onSuccess: () => refresh('users', 'actors'),
  });
}

/** A new link for somebody who never came; the earlier one stops working. */
export function useRenewInvitation() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (user: User) => call(() => api.POST('/v1/users/{user_id}/invitation', { params: { path: { user_id: user.id } } })),
    onSuccess: () => refresh('users'),
  });
}

export function useRevokeInvitation(user: User) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => call(() => api.DELETE('/v1/users/{user_id}/invitation', { params: { path: { user_id: user.id } } })),
    onSuccess: () => refresh('users'),
  });
}
