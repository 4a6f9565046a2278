import { Alert, App, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorSentence } from '@/components/ErrorSentence';
import { Facts } from '@/components/Facts';
import { type Decision, liveVersion, type Plugin, useDecide, type Version, withoutAdditions } from './api';
import { Verdict } from './Conformance';
import { Sentences, shortHash, usePluginName, versionName } from './Parts';

/** Repeats what is decided and what becomes of calls under way, and has it done. */
export function DecideDialog({ plugin, decision, onClose }: { plugin: Plugin; decision: Decision | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const decide = useDecide(plugin.id);
  // What is shown stays while the dialog closes.
  const [last, setLast] = useState(decision);
  if (decision && decision !== last) setLast(decision);
  const shown = decision ?? last;
  if (!shown) return null;
  const close = () => {
    decide.reset();
    onClose();
  };
  const submit = () =>
    decide.mutate(shown, {
      onSuccess: () => {
        void message.success(t(`plugins.decisions.${shown.kind}.done`));
        close();
      },
    });
  return (
    <Modal
      open={decision !== undefined}
      title={t(`plugins.decisions.${shown.kind}.title`)}
      okText={t(`plugins.${shown.kind}`)}
      cancelText={t('common.cancel')}
      okButtonProps={{ danger: shown.kind === 'disable', 'data-testid': 'decide' }}
      confirmLoading={decide.isPending}
      onOk={submit}
      onCancel={close}
      width={600}
      destroyOnHidden
    >
      <p className="zg-modal-lead">{t(`plugins.decisions.${shown.kind}.hint`)}</p>
      <What plugin={plugin} decision={shown} />
      {decide.error && <ErrorSentence error={decide.error} />}
    </Modal>
  );
}

function What({ plugin: p, decision }: { plugin: Plugin; decision: Decision }) {
  const { t } = useTranslation();
  const name = usePluginName();
  const version = decision.kind === 'approve' || decision.kind === 'rollback' ? decision.version : liveVersion(p);
  const live = liveVersion(p);
  return (
    <div className="zg-stack" data-testid="decision">
      <Facts
        facts={[
          { label: t('plugins.plugin'), value: name(p) === p.id ? p.id : `${name(p)} (${p.id})` },
          { label: t('providers.version'), value: version && versionName(version) },
          live && live !== version && { label: t('plugins.instead'), value: <>{versionName(live)} {live.sha256 && <span className="zg-mono zg-muted">{shortHash(live.sha256)}…</span>}</> },
          { label: t('providers.sha256'), value: version?.sha256 && <span className="zg-mono">{version.sha256}</span>, wide: true },
          decision.kind === 'approve' && { label: t('plugins.report'), value: <Verdict report={decision.version.verification} /> },
        ]}
      />
      {decision.kind === 'approve' && decision.version.verification?.passed === false && <Alert type="error" showIcon title={t('plugins.reportFailed')} />}
      {decision.kind === 'approve' && <Asked plugin={p} version={decision.version} />}
    </div>
  );
}

function Asked({ plugin: p, version: v }: { plugin: Plugin; version: Version }) {
  const { t } = useTranslation();
  if (v.adds.length === 0) return <p className="zg-muted">{t(`plugins.${withoutAdditions(p)}`)}</p>;
  return (
    <div className="zg-adds">
      <div className="zg-strong">{t('plugins.adds')}</div>
      <Sentences of={v.adds} />
    </div>
  );
}
