import { useMutation } from '@tanstack/react-query';
import { App, Button, Form, Input, QRCode } from 'antd';
import { useTranslation } from 'react-i18next';
import { CopyText } from '@/components/CopyText';
import { ErrorSentence } from '@/components/ErrorSentence';
import { Section } from '@/components/Section';
import { StatusTag } from '@/components/StatusTag';
import { api, call, type Schemas } from '@/lib/api/client';
import { useRefresh } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { RecoveryCodes } from './RecoveryCodes';

const FEW_CODES = 3;

/** Enrols an authenticator app, renews its recovery codes and turns it off; recovery codes are shown once. */
export function OneTimeCodes() {
  const { t } = useTranslation();
  const { me, reload } = useSession();
  const refresh = useRefresh();
  const begin = useMutation({ mutationFn: () => call(() => api.POST('/v1/session/totp')) });
  const confirm = useMutation({
    mutationFn: (code: string) => call(() => api.POST('/v1/session/totp/confirm', { body: { code } })),
    onSuccess: () => refresh('sessions'), // the others have ended
  });
  const renew = useMutation({ mutationFn: () => call(() => api.POST('/v1/session/recovery-codes')) });
  const codes = confirm.data?.recovery_codes ?? renew.data?.recovery_codes;
  const enrolled = Boolean(me.user?.totp_enabled) || Boolean(confirm.data);
  const finish = () => {
    [begin, confirm, renew].forEach((m) => m.reset());
    void reload();
  };
  return (
    <Section title={t('profile.totp')} extra={<StatusTag tone={enrolled ? 'good' : 'waiting'} testId="totp-status">{enrolled ? t('team.totpOn') : t('team.totpOff')}</StatusTag>} testId="totp">
      {codes ? (
        <RecoveryCodes codes={codes} onDone={finish} />
      ) : begin.data ? (
        <Enrol shown={begin.data} error={confirm.error} busy={confirm.isPending} onCode={(code) => confirm.mutate(code)} onCancel={() => begin.reset()} />
      ) : (
        <div className="zg-stack">
          <p className="zg-muted">{t('profile.totpHint')}</p>
          {enrolled && <Left count={me.recovery_codes_left ?? 0} />}
          {(begin.error ?? renew.error) && <ErrorSentence error={begin.error ?? renew.error} />}
          <div className="zg-actions zg-wrap">
            <Button type={enrolled ? 'default' : 'primary'} loading={begin.isPending} onClick={() => begin.mutate()}>{enrolled ? t('profile.totpAgain') : t('profile.totpBegin')}</Button>
            {enrolled && <Renew busy={renew.isPending} onRenew={() => renew.mutate()} />}
            {enrolled && <TurnOff />}
          </div>
        </div>
      )}
    </Section>
  );
}

function Left({ count }: { count: number }) {
  const { t } = useTranslation();
  return (
    <p>
      {t('profile.codesLeft', { count })} {count < FEW_CODES && <span className="zg-tone-bad">{t('profile.codesFew')}</span>}
    </p>
  );
}

interface EnrolProps {
  shown: Schemas['TOTPEnrolment'];
  error: unknown;
  busy: boolean;
  onCode: (code: string) => void;
  onCancel: () => void;
}

function Enrol({ shown, error, busy, onCode, onCancel }: EnrolProps) {
  const { t } = useTranslation();
  return (
    <div className="zg-enrol">
      <div className="zg-qr">
        <QRCode aria-label={t('profile.totpQr')} value={shown.url} size={180} bordered={false} color="#000000" bgColor="#ffffff" type="svg" />
      </div>
      <div className="zg-stack">
        <p>{t('profile.totpScan')}</p>
        <CopyText text={shown.secret} label={t('profile.totpSecret')} />
        <Form layout="vertical" onFinish={({ code }: { code: string }) => !busy && onCode(code.replaceAll(/\s/g, ''))} requiredMark={false}>
          <Form.Item name="code" label={t('signin.code')} rules={[{ required: true, pattern: /^\s*\d{3}\s?\d{3}\s*$/, message: t('profile.sixDigits') }]}>
            <Input inputMode="numeric" autoComplete="one-time-code" autoFocus maxLength={9} />
          </Form.Item>
          {Boolean(error) && <Form.Item><ErrorSentence error={error} /></Form.Item>}
          <div className="zg-actions">
            <Button type="primary" htmlType="submit" loading={busy}>{t('common.confirm')}</Button>
            <Button onClick={onCancel}>{t('common.cancel')}</Button>
          </div>
        </Form>
      </div>
    </div>
  );
}

function Renew({ busy, onRenew }: { busy: boolean; onRenew: () => void }) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const ask = () => modal.confirm({ title: t('profile.codesNewTitle'), content: t('profile.codesNewHint'), okText: t('profile.codesNew'), cancelText: t('common.cancel'), onOk: onRenew });
  return <Button loading={busy} onClick={() => void ask()}>{t('profile.codesNew')}</Button>;
}

function TurnOff() {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const { reload } = useSession();
  const refresh = useRefresh();
  const off = useMutation({
    mutationFn: () => call(() => api.DELETE('/v1/session/totp')),
    onSuccess: async () => {
      await Promise.all([reload(), refresh('sessions')]);
      void message.success(t('profile.totpOffDone'));
    },
  });
  const ask = () =>
    modal.confirm({
      title: t('profile.totpOffTitle'),
      content: t('profile.totpOffHint'),
      okText: t('profile.totpOffAction'),
      cancelText: t('common.cancel'),
      okButtonProps: { danger: true },
      onOk: () => off.mutate(),
    });
  return (
    <>
      <Button danger loading={off.isPending} onClick={() => void ask()}>{t('profile.totpOffAction')}</Button>
      {off.error && <ErrorSentence error={off.error} />}
    </>
  );
}
