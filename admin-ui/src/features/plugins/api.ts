import { useMutation, useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/lib/api/client';
import { ApiError } from '@/lib/api/error';
import { useRefresh } from '@/lib/queries';

export type Plugin = Schemas['Plugin'];
export type Version = Schemas['PluginVersion'];
export type Manifest = Schemas['Manifest'];
export type Report = Schemas['PluginReport'];
export type Check = Schemas['PluginCheck'];

// A file that is dropped in shows by itself within this time of being found.
const REFRESH_MS = 3_000;

type Listed = { items: Plugin[] };

function useListed<Shown>(select: (listed: Listed) => Shown) {
  return useQuery({ queryKey: ['plugins'], queryFn: () => call(() => api.GET('/v1/plugins')), select, refetchInterval: REFRESH_MS });
}

/** Every plugin that lies here, those that want a decision first. */
export function usePlugins() {
  return useListed(inOrder);
}

/** One plugin. */
export function usePlugin(id: string) {
  return useListed(({ items }) => {
    const found = items.find((p) => p.id === id);
    if (!found) throw new ApiError({ code: 'not_found', status: 404, detail: '' });
    return found;
  });
}

/** One version of a plugin with the plugin. */
export function useVersion(id: string, sha256: string) {
  return useListed(({ items }) => {
    const plugin = items.find((p) => p.id === id);
    const version = plugin?.versions.find((v) => v.sha256 === sha256);
    if (!plugin || !version) throw new ApiError({ code: 'not_found', status: 404, detail: '' });
    return { plugin, version };
  });
}

/** How many versions wait for a decision. */
export function waiting(p: Plugin): number {
  return p.versions.filter((v) => v.state === 'pending' && v.manifest && !v.approved_at).length;
}

const urgency: Record<Plugin['state'], number> = { modified: 1, crashed: 1, incompatible: 2, pending: 3, starting: 4, enabled: 5, disabled: 6 };

function inOrder({ items }: Listed): Plugin[] {
  const rank = (p: Plugin) => (waiting(p) > 0 ? 0 : urgency[p.state]);
  return items.toSorted((a, b) => rank(a) - rank(b));
}

/** What a plugin says of itself: the version that runs, else the live one, else any that could be read. */
export function manifestOf(p: Plugin): Manifest | undefined {
  const told = p.versions.filter((v) => v.manifest);
  return (told.find((v) => v.running) ?? told.find((v) => v.live) ?? told[0])?.manifest;
}

export function liveVersion(p: Plugin): Version | undefined {
  return p.versions.find((v) => v.sha256 !== undefined && v.sha256 === p.live_sha256);
}

/** What can be said of a version without additions: that there are none only if the live version is here to be held against. */
export function withoutAdditions(p: Plugin): 'addsNothing' | 'addsAll' | 'addsUnknown' {
  if (!p.live_sha256) return 'addsAll';
  return liveVersion(p)?.manifest ? 'addsNothing' : 'addsUnknown';
}

/** The version that was live before the one that is, if its file is still here. */
export function versionBefore(p: Plugin): Version | undefined {
  const earlier = p.versions.filter((v) => v.live_at && v.sha256 !== p.live_sha256);
  return earlier.toSorted((a, b) => b.live_at!.localeCompare(a.live_at!))[0];
}

/** What an operator decides about a plugin. */
export type Decision = { kind: 'approve'; version: Version } | { kind: 'rollback'; version: Version } | { kind: 'disable' } | { kind: 'enable' };

export function useDecide(id: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (decision: Decision) => call(() => send(id, decision)),
    onSettled: () => refresh('plugins', 'providers', 'provider'),
  });
}

function send(id: string, decision: Decision) {
  const path = { params: { path: { provider: id } } };
  switch (decision.kind) {
    case 'approve':
      return api.POST('/v1/plugins/{provider}/approve', { ...path, body: { sha256: decision.version.sha256! } });
    case 'rollback':
      return api.POST('/v1/plugins/{provider}/rollback', path);
    case 'disable':
      return api.POST('/v1/plugins/{provider}/disable', path);
    case 'enable':
      return api.POST('/v1/plugins/{provider}/enable', path);
  }
}

/** Runs the conformance suite against a version. It reaches no provider and changes nothing but the report. */
export function useVerify(id: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (sha256: string) => call(() => api.POST('/v1/plugins/{provider}/verify', { params: { path: { provider: id } }, body: { sha256 } })),
    onSettled: () => refresh('plugins'),
  });
}
