import { useTranslation } from 'react-i18next';
import { PluginStatus } from '@/components/states';
import { inLanguage } from '@/lib/schema';
import { manifestOf, type Plugin, type Version } from './api';

/** What a plugin is called: by its manifest, else its id or its file's name. */
export function usePluginName(): (p: Plugin) => string {
  const { i18n } = useTranslation();
  return (p) => inLanguage(manifestOf(p)?.name, i18n.language) || p.id;
}

/** What a version is called: by its manifest, else the beginning of its hash, else its file's name. */
export function versionName(v: Version): string {
  return v.manifest?.version || (v.sha256 ? shortHash(v.sha256) : v.files.join(', '));
}

export function shortHash(sha256: string): string {
  return sha256.slice(0, 12);
}

/** A plugin's page. A file of which nobody knows what plugin it is has none: its sentence is all there is to read. */
export function pluginPath(p: Plugin): string | undefined {
  return /^[a-z][a-z0-9_-]{0,31}$/.test(p.id) ? `/plugins/${p.id}` : undefined;
}

/** A version's page, where the plugin has one. */
export function versionPath(p: Plugin, v: Version): string | undefined {
  return pluginPath(p) && v.sha256 && `${pluginPath(p)}/${v.sha256}`;
}

/** A state with the sentence that says why. */
export function StateAndReason({ of }: { of: Pick<Plugin, 'state' | 'reason'> }) {
  const { i18n } = useTranslation();
  const reason = inLanguage(of.reason, i18n.language);
  return (
    <div className="zg-cell zg-stack-tight">
      <div><PluginStatus value={of.state} /></div>
      {reason && <div className="zg-muted zg-small">{reason}</div>}
    </div>
  );
}

/** Sentences of the server, one below the other. */
export function Sentences({ of, testId }: { of: { zh: string; en: string }[]; testId?: string }) {
  const { i18n } = useTranslation();
  return (
    <ul className="zg-sentences" data-testid={testId}>
      {of.map((text) => <li key={text.en}>{inLanguage(text, i18n.language)}</li>)}
    </ul>
  );
}
