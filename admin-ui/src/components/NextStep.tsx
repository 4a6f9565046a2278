import { ExportOutlined } from '@ant-design/icons';
import { Button, QRCode } from 'antd';
import { useTranslation } from 'react-i18next';
import { isPage, type Step, stepOf } from '@/lib/nextAction';
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
      return <PageLink url={step.url ?? ''} once={step.type !== 'redirect'} />;
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

function PageLink({ url, once }: { url: string; once: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      <p>{once ? t('nextStep.pageOnce') : t('nextStep.page')}</p>
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
