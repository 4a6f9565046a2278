import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input, QRCode } from 'antd';
import { useTranslation } from 'react-i18next';
import { CopyText } from '@/components/CopyText';
import { ErrorSentence } from '@/components/ErrorSentence';
import { Section } from '@/components/Section';
import { StatusTag } from '@/components/StatusTag';
import { api, call } from '@/lib/api/client';
import { useSession } from '@/lib/session';

/** Enrols an authenticator app; its recovery codes are shown once. */
export function OneTimeCodes() {
  const { t } = useTranslation();
  const { me, reload } = useSession();
  const begin = useMutation({ mutationFn: () => call(() => api.POST('/v1/session/totp')) });
  const confirm = useMutation({ mutationFn: (code: string) => call(() => api.POST('/v1/session/totp/confirm', { body: { code } })) });
  const enrolled = me.user?.totp_enabled || Boolean(confirm.data);
  const finish = () => {
    begin.reset();
    confirm.reset();
    void reload();
  };
  return (
    <Section title={t('profile.totp')} extra={<StatusTag tone={enrolled ? 'good' : 'waiting'}>{enrolled ? t('team.totpOn') : t('team.totpOff')}</StatusTag>}>
      {confirm.data ? (
        <Recovery codes={confirm.data.recovery_codes} onDone={finish} />
      ) : begin.data ? (
        <div className="zg-enrol">
          <div className="zg-qr">
            <QRCode aria-label={t('profile.totpQr')} value={begin.data.url} size={180} bordered={false} color="#000000" bgColor="#ffffff" type="svg" />
          </div>
          <div className="zg-stack">
            <p>{t('profile.totpScan')}</p>
            <CopyText text={begin.data.secret} label={t('profile.totpSecret')} />
            <Form layout="vertical" onFinish={({ code }: { code: string }) => !confirm.isPending && confirm.mutate(code.replaceAll(' ', ''))} requiredMark={false}>
              <Form.Item name="code" label={t('signin.code')} rules={[{ required: true, pattern: /^\s*\d{3}\s?\d{3}\s*$/, message: t('profile.sixDigits') }]}>
                <Input inputMode="numeric" autoComplete="one-time-code" autoFocus maxLength={9} />
              </Form.Item>
              {confirm.error && <Form.Item><ErrorSentence error={confirm.error} /></Form.Item>}
              <Button type="primary" htmlType="submit" loading={confirm.isPending}>{t('common.confirm')}</Button>
            </Form>
          </div>
        </div>
      ) : (
        <div className="zg-stack">
          <p className="zg-muted">{t('profile.totpHint')}</p>
          {begin.error && <ErrorSentence error={begin.error} />}
          <div>
            <Button loading={begin.isPending} onClick={() => begin.mutate()}>{enrolled ? t('profile.totpAgain') : t('profile.totpBegin')}</Button>
          </div>
        </div>
      )}
    </Section>
  );
}

function Recovery({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="zg-stack">
      <div className="zg-once" role="status">
        <p className="zg-strong">{t('profile.recovery')}</p>
        <p className="zg-muted">{t('profile.recoveryHint')}</p>
        <ul className="zg-codes zg-mono">{codes.map((code) => <li key={code}>{code}</li>)}</ul>
      </div>
      <div>
        <Button type="primary" onClick={onDone}>{t('profile.recoveryKept')}</Button>
      </div>
    </div>
  );
}
