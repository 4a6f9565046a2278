import { ExportOutlined } from '@ant-design/icons';
import { Button, QRCode } from 'antd';
import { useTranslation } from 'react-i18next';
import { isPage, type Step, stepOf } from '@/lib/nextAction';
import { useNow } from '@/lib/now';
import type { Payment } from '@/lib/queries';
import { BeijingTime } from './BeijingTime';
import { CopyButton } from './CopyText';
import { EnterCode } from './EnterCode';

/** What the payer, or whoever serves them, has to do now for a payment to go on. At the till it is larger and takes the focus. */
export function NextStep({ payment, till = false }: { payment: Payment; till?: boolean }) {
  const { t } = useTranslation();
  const step = stepOf(payment);
  if (!step) return null;
  return (
    <div className="zg-next" data-testid="next-step" data-type={step.type}>
      <Body step={step} payment={payment} till={till} />
      {step.expires_at && (
        <p className="zg-muted zg-small">
          {t('nextStep.validUntil')} <BeijingTime at={step.expires_at} />
          {till && <Countdown until={step.expires_at} />}
        </p>
      )}
    </div>
  );
}

function Body({ step, payment, till }: { step: Step; payment: Payment; till: boolean }) {
  switch (step.type) {
    case 'show_qr':
      return <QR content={step.qr_content ?? ''} size={till ? 220 : 200} />;
    case 'invoke_wallet':
      return <WalletFields fields={step.fields ?? {}} />;
    case 'enter_code':
      // Another payment is another code: nothing typed for the one before stays.
      return <EnterCode key={payment.id} payment={payment} autoFocus={till} />;
    default:
      return <PageLink url={step.url ?? ''} once={step.type !== 'redirect'} scan={till} />;
  }
}

function QR({ content, size }: { content: string; size: number }) {
  const { t } = useTranslation();
  return (
    <div className="zg-center">
      <div className="zg-qr">
        <QRCode aria-label={t('nextStep.qr')} value={content} size={size} bordered={false} color="#000000" bgColor="#ffffff" type="svg" />
      </div>
    </div>
  );
}

/** What is left of the time in which the payer can act, second by second. */
function Countdown({ until }: { until: string }) {
  const { t } = useTranslation();
  const left = Math.max(0, Math.ceil((new Date(until).getTime() - useNow(1_000)) / 1000));
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
  return (
    <strong className="zg-countdown zg-figures" data-testid="countdown">
      {left > 0 ? t('nextStep.left', { time }) : t('nextStep.over')}
    </strong>
  );
}

/** A page for the payer's own browser: at the till to be scanned with the payer's phone. */
function PageLink({ url, once, scan }: { url: string; once: boolean; scan: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      {scan && isPage(url) && <QR content={url} size={200} />}
      <p>{once ? t('nextStep.pageOnce') : t(scan ? 'nextStep.pageScan' : 'nextStep.page')}</p>
      <p className="zg-next-text zg-mono" data-testid="next-url">{url}</p>
      <div className="zg-actions">
        <CopyButton text={url}>{t('nextStep.copyLink')}</CopyButton>
        {isPage(url) && (
          <Button href={url} target="_blank" rel="noopener noreferrer" icon={<ExportOutlined aria-hidden="true" />} data-testid="next-open">
            {t('nextStep.open')}
          </Button>
        )}
      </div>
    </>
  );
}

function WalletFields({ fields }: { fields: Record<string, string> }) {
  const { t } = useTranslation();
  const json = JSON.stringify(fields, null, 2);
  return (
    <>
      <p>{t('nextStep.wallet')}</p>
      {/* It scrolls, so the keyboard must reach it. */}
      <pre className="zg-pre zg-next-json" tabIndex={0} data-testid="next-fields">{json}</pre>
      <div className="zg-actions">
        <CopyButton text={json}>{t('nextStep.copyFields')}</CopyButton>
      </div>
    </>
  );
}
