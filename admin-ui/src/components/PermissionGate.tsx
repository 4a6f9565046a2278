import type { ReactNode } from 'react';
import { type Permission, useMay } from '@/lib/permissions';

/** Shows its children to those who may do the thing. */
export function PermissionGate({ may, children }: { may: Permission; children: ReactNode }) {
  return useMay()(may) ? children : null;
}
