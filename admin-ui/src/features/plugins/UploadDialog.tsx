import { Alert, Button, Modal, Progress as Bar } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { ErrorSentence } from '@/components/ErrorSentence';
import { Facts } from '@/components/Facts';
import { FileDrop } from '@/components/FileDrop';
import { type Plugin, usePlugins, type Version } from './api';
import { StateAndReason, versionPath } from './Parts';
import { canHash, MAX_BYTES, nameInDirectory, type Progress, useUpload } from './upload';

/** Brings a plugin's file to the nodes, where it waits to be approved like any other. */
export function UploadDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const upload = useUpload();
  const [file, setFile] = useState<File>();
  const [progress, setProgress] = useState<Progress>();
  const abort = useRef<AbortController>(undefined);
  const close = () => {
    abort.current?.abort();
    upload.reset();
    setFile(undefined);
    setProgress(undefined);
    onClose();
  };
  const begin = (chosen: File) => {
    upload.reset();
    setFile(chosen);
    setProgress(undefined);
    if (chosen.size === 0 || chosen.size > MAX_BYTES) return;
    abort.current = new AbortController();
    upload.mutate({ file: chosen, signal: abort.current.signal, onProgress: setProgress });
  };
  const wrongSize = file && (file.size === 0 || file.size > MAX_BYTES);
  return (
    <Modal open={open} title={t('plugins.uploadTitle')} onCancel={close} destroyOnHidden width={600} footer={<Button onClick={close}>{t(upload.isPending ? 'plugins.cancelUpload' : 'common.close')}</Button>}>
      <div className="zg-stack">
        <p className="zg-muted">{t('plugins.uploadHint')}</p>
        {!canHash() && <Alert type="warning" showIcon title={t('plugins.cannotHash')} />}
        {canHash() && !upload.isPending && !upload.isSuccess && <FileDrop hint={t('plugins.dropHint')} onFile={begin} testId="plugin-file" />}
        {file && (
          <Facts
            facts={[
              { label: t('plugins.files'), value: <span className="zg-mono">{nameInDirectory(file.name)}</span> },
              { label: t('plugins.size'), value: t('plugins.mebibytes', { size: (file.size / (1 << 20)).toFixed(1) }) },
              { label: t('providers.sha256'), value: progress?.sha256 && <span className="zg-mono" data-testid="upload-sha256">{progress.sha256}</span>, wide: true },
            ]}
          />
        )}
        {wrongSize && <Alert type="error" showIcon role="alert" title={t('plugins.wrongSize')} />}
        {upload.isPending && <Bar percent={progress ? Math.floor((progress.received * 100) / progress.parts) : 0} aria-label={t('plugins.sending')} />}
        {upload.error && <ErrorSentence error={upload.error} />}
        {upload.data && <Arrived sha256={upload.data.sha256} onClose={close} />}
      </div>
    </Modal>
  );
}

/** What became of the file on the node that is asked: it is found there within seconds. */
function Arrived({ sha256, onClose }: { sha256: string; onClose: () => void }) {
  const { t } = useTranslation();
  const found = find(usePlugins().data ?? [], sha256);
  const to = found && versionPath(found.plugin, found.version);
  return (
    <>
      <Alert type="success" showIcon title={t('plugins.uploaded')} />
      {found ? (
        <div className="zg-spread">
          <StateAndReason of={found.version} />
          {to && <Link to={to} onClick={onClose} data-testid="uploaded-version">{t('plugins.look')}</Link>}
        </div>
      ) : (
        <p className="zg-muted" role="status">{t('plugins.beingRead')}</p>
      )}
    </>
  );
}

function find(plugins: Plugin[], sha256: string): { plugin: Plugin; version: Version } | undefined {
  for (const plugin of plugins) {
    const version = plugin.versions.find((v) => v.sha256 === sha256);
    if (version) return { plugin, version };
  }
  return undefined;
}
