import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { Actor } from '@/components/Actor';
import { BeijingTime } from '@/components/BeijingTime';
import { CopyText } from '@/components/CopyText';
import { DetailPage } from '@/components/DetailPage';
import { Facts } from '@/components/Facts';
import { PermissionGate } from '@/components/PermissionGate';
import { Grants, Products } from '@/components/PluginParts';
import { Section } from '@/components/Section';
import { PluginStatus } from '@/components/states';
import { inLanguage } from '@/lib/schema';
import { type Plugin, useVersion, type Version, withoutAdditions } from './api';
import { Conformance } from './Conformance';
import { DecideDialog } from './DecideDialog';
import { Sentences, usePluginName, versionName } from './Parts';

/** One version of a plugin: what it asks for, what is new in that, what it could still do wrong, and the decision. */
export default function VersionPage() {
  const { i18n } = useTranslation();
  const { id = '', sha256 = '' } = useParams();
  const name = usePluginName();
  const query = useVersion(id, sha256);
  const plugin = query.data?.plugin;
  return (
    <DetailPage
      title={query.data ? `${name(query.data.plugin)} ${versionName(query.data.version)}` : id}
      back={{ to: `/plugins/${id}`, label: plugin ? name(plugin) : id }}
      query={query}
      status={({ version: v }) => <PluginStatus value={v.state} />}
      lead={({ version: v }) => inLanguage(v.reason, i18n.language)}
      actions={({ plugin: p, version: v }) => <Approve plugin={p} version={v} />}
    >
      {({ plugin: p, version: v }) => (
        <div className="zg-columns">
          <div className="zg-stack">
            {v.manifest && !v.live && <Additions plugin={p} version={v} />}
            {v.risks.length > 0 && <Risks version={v} />}
            {v.manifest && <Grants manifest={v.manifest} />}
            {v.manifest && <Products manifest={v.manifest} />}
          </div>
          <div className="zg-stack">
            <Identity version={v} />
            {v.manifest && v.sha256 && <Conformance plugin={p} version={v} />}
          </div>
        </div>
      )}
    </DetailPage>
  );
}

/** A version that could be read and is not live can be approved; whether it passes its self-test, the server says. */
function Approve({ plugin: p, version: v }: { plugin: Plugin; version: Version }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const possible = Boolean(v.manifest) && !v.live && v.state !== 'incompatible';
  return (
    <PermissionGate may="plugins:approve">
      {possible && <Button type="primary" onClick={() => setOpen(true)} data-testid="approve">{t('plugins.approve')}</Button>}
      <DecideDialog plugin={p} decision={open ? { kind: 'approve', version: v } : undefined} onClose={() => setOpen(false)} />
    </PermissionGate>
  );
}

/** What a version asks for beyond the live one, as one reads it before anything else. */
function Additions({ plugin: p, version: v }: { plugin: Plugin; version: Version }) {
  const { t } = useTranslation();
  return (
    <Section title={t('plugins.adds')} testId="adds">
      {v.adds.length > 0 ? (
        <div className="zg-adds"><Sentences of={v.adds} /></div>
      ) : (
        <p className="zg-muted">{t(`plugins.${withoutAdditions(p)}`)}</p>
      )}
    </Section>
  );
}

function Risks({ version: v }: { version: Version }) {
  const { t } = useTranslation();
  return (
    <Section title={t('plugins.risks')}>
      <p className="zg-muted zg-modal-lead">{t('plugins.risksHint')}</p>
      <Sentences of={v.risks} testId="risks" />
    </Section>
  );
}

function Identity({ version: v }: { version: Version }) {
  const { t } = useTranslation();
  return (
    <Section title={t('plugins.file')}>
      <Facts
        facts={[
          { label: t('providers.sha256'), value: v.sha256 && <CopyText text={v.sha256} label={t('providers.sha256')} />, wide: true },
          { label: t('plugins.files'), value: <span className="zg-mono">{v.files.join(', ')}</span>, wide: true },
          { label: t('providers.version'), value: v.manifest?.version },
          { label: t('providers.protocol'), value: v.manifest && String(v.manifest.protocol_version) },
          { label: t('providers.replies'), value: v.manifest && t(`providers.reply.${v.manifest.reply_authentication}`, { defaultValue: v.manifest.reply_authentication }) },
          { label: t('plugins.approvedBy'), value: v.approved_by && <Actor actor={v.approved_by} tenant={undefined} /> },
          { label: t('plugins.approvedAt'), value: v.approved_at && <BeijingTime at={v.approved_at} /> },
          { label: t('plugins.liveAt'), value: v.live_at && <BeijingTime at={v.live_at} /> },
        ]}
      />
    </Section>
  );
}
