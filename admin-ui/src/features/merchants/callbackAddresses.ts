import type { Schemas } from '@/lib/api/client';

type Kind = Schemas['InboundKind'];

interface Addresses {
  /** Must be entered at the provider by hand; without an address where the platform has no public one. */
  enter: (Kind & { address?: string })[];
  /** Sent to the provider with each order. */
  travelling: Kind[];
}

/** The requests that a provider makes to us, and where: the account's address with the kind behind it. */
export function callbackAddresses(manifest: Schemas['Manifest'] | undefined, base: string | undefined): Addresses {
  const kinds = manifest?.inbound ?? [];
  return {
    enter: kinds.filter((k) => k.enter).map((k) => ({ ...k, address: base ? base + k.kind : undefined })),
    travelling: kinds.filter((k) => !k.enter),
  };
}
