import { CloudSyncOutlined } from '@ant-design/icons';
import { Alert, App, Button, Segmented, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { Ago } from '@/components/Ago';
import { Amount } from '@/components/Amount';
import { BeijingTime } from '@/components/BeijingTime';
import { Chart } from '@/components/Chart';
import { DetailPage } from '@/components/DetailPage';
import { EmptyState } from '@/components/EmptyState';
import { ErrorSentence, errorSentence } from '@/components/ErrorSentence';
import { Facts } from '@/components/Facts';
import { Section } from '@/components/Section';
import { asApiError } from '@/lib/api/error';
import { formatFen, shortFen } from '@/lib/money';
import { useMay } from '@/lib/permissions';
import { useNames } from '@/lib/queries';
import { type AccountBalances, channelName, type ChannelBalance, spans, type Span, sumOf, useAskNow, useBalance, useHistory } from './api';
import { Condition } from './Condition';
import { MarkDialog } from './MarkDialog';

/** One account's balances: what each figure is, what can be paid out now and why not, and how it came to this. */
export default function BalancePage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useBalance(id);
  const names = useNames();
  return (
    <DetailPage
      title={query.data ? query.data.name : t('nav.balances')}
      back={{ to: '/balances', label: t('nav.balances') }}
      query={query}
      lead={(a) => a && names.provider(a.provider)}
      status={(a) => a && <Condition value={a} />}
      actions={(a) => a && <Actions value={a} />}
    >
      {(a) => (a ? <Balances value={a} /> : <div className="zg-card"><EmptyState title={t('balances.empty')} hint={t('balances.emptyHint')} /></div>)}
    </DetailPage>
  );
}

function Actions({ value: a }: { value: AccountBalances }) {
  const { t } = useTranslation();
  const may = useMay();
  const { message } = App.useApp();
  const ask = useAskNow(a);
  const [marking, setMarking] = useState(false);
  const askNow = () =>
    ask.mutate(undefined, {
      onSuccess: () => void message.success(t('balances.asked')),
      onError: (error) => void message.error(errorSentence(t, asApiError(error))),
    });
  return (
    <>
      {may('balances:mark') && <Button onClick={() => setMarking(true)}>{t('balances.setMark')}</Button>}
      {may('balances:refresh') && <Button type="primary" icon={<CloudSyncOutlined aria-hidden="true" />} loading={ask.isPending} onClick={askNow}>{t('balances.askNow')}</Button>}
      <MarkDialog value={a} open={marking} onClose={() => setMarking(false)} />
    </>
  );
}

function Balances({ value: a }: { value: AccountBalances }) {
  const { t } = useTranslation();
  return (
    <>
      {a.failures > 0 && (
        <Alert
          type="warning" showIcon title={t('balances.failed', { count: a.failures })}
          description={<>{a.provider_message && <>{t('balances.said', { said: [a.provider_message, a.provider_code].filter(Boolean).join(' · ') })} </>}{t('balances.failedHint')}</>}
        />
      )}
      <Section title={t('balances.whole')}>
        <Facts
          facts={[
            { label: t('balances.available'), value: <Stated fen={sumOf(a, 'available')} large /> },
            { label: t('balances.providerPayable'), value: <Stated fen={a.provider_payable} /> },
            { label: t('balances.providerTotal'), value: <Stated fen={a.provider_total} /> },
            { label: t('balances.mark'), value: a.mark ? <Amount fen={a.mark} /> : <span className="zg-muted">{t('balances.noMark')}</span> },
            a.low_since !== undefined && { label: t('balances.lowSince'), value: <BeijingTime at={a.low_since} /> },
            { label: t('balances.taken'), value: <><BeijingTime at={a.taken_at} empty={t('balances.never')} />{a.taken_at && <div className="zg-muted zg-small"><Ago at={a.taken_at} /></div>}</> },
            a.as_of !== undefined && { label: t('balances.asOf'), value: <BeijingTime at={a.as_of} /> },
            { label: t('balances.next'), value: <BeijingTime at={a.next_check_at} empty={t('balances.notByItself')} /> },
          ]}
        />
      </Section>
      {a.channels.map((c) => <Channel key={c.figures.channel} value={c} />)}
      {a.channels.length > 0 && <History value={a} />}
    </>
  );
}

function Stated({ fen, large }: { fen: number | undefined; large?: boolean }) {
  const { t } = useTranslation();
  return fen === undefined ? <span className="zg-muted">{t('balances.notStated')}</span> : <Amount fen={fen} size={large ? 'large' : undefined} />;
}

function useChannelName(): (c: ChannelBalance) => string {
  const { t } = useTranslation();
  return ({ figures }) => channelName(figures) || t('balances.onlyChannel');
}

const meant = ['available', 'pending', 'advance', 'frozen'] as const;

function Channel({ value: c }: { value: ChannelBalance }) {
  const { t } = useTranslation();
  const name = useChannelName();
  const f = c.figures;
  const hours = [f.opens && f.closes ? `${f.opens.slice(0, 5)}–${f.closes.slice(0, 5)}` : undefined, f.holidays ? t(`balances.holidays.${f.holidays}`) : undefined].filter(Boolean).join(' · ');
  const clears = f.clears ? [t(`balances.clears.${f.clears}`), f.clears_at === undefined ? '' : t('balances.clearsAt', { hour: f.clears_at })].filter(Boolean).join(' ') : undefined;
  return (
    <Section title={name(c)} extra={f.channel_merchant && <span className="zg-muted zg-mono">{f.channel_merchant}</span>} testId="balance-channel">
      <div className="zg-stack">
        <dl className="zg-figures-meant">
          {meant.map((figure) => (
            <div key={figure}>
              <dt>{t(`balances.${figure}`)}</dt>
              <dd className="zg-figures-value" data-testid={`figure-${figure}`}><Stated fen={f[figure]} large /></dd>
              <dd className="zg-muted zg-small">{t(`balances.means.${figure}`)}</dd>
            </div>
          ))}
        </dl>
        <Facts
          facts={[
            ...c.payable_now.map((p) => ({
              label: t(`balances.payable.${p.source}`),
              value: p.reason ? <span className="zg-tone-waiting">{t(`balances.reasons.${p.reason}`)}</span> : (
                <><Amount fen={p.available_to_pay_out} /><div className="zg-muted zg-small">{t('balances.single')} <Amount fen={p.largest_single} muted /> · {t('balances.fee')} <Amount fen={p.fee} muted /></div></>
              ),
            })),
            hours !== '' && { label: t('balances.hours'), value: hours },
            clears !== undefined && { label: t('balances.clearing'), value: clears },
            c.next_clear_at !== undefined && { label: t('balances.nextClear'), value: <BeijingTime at={c.next_clear_at} /> },
            c.expected_clear_at !== undefined && { label: t('balances.allClear'), value: <BeijingTime at={c.expected_clear_at} /> },
            (f.minimum !== undefined || f.maximum !== undefined) && { label: t('balances.limits'), value: <><Stated fen={f.minimum} /> – <Stated fen={f.maximum} /></> },
            c.mark !== undefined && { label: t('balances.mark'), value: <Amount fen={c.mark} /> },
          ]}
        />
        <details className="zg-details zg-small">
          <summary>{t('balances.raw')}</summary>
          <pre className="zg-pre">{Object.entries(f.provider_figures).map(([field, value]) => `${field}: ${value}`).join('\n')}</pre>
        </details>
      </div>
    </Section>
  );
}

function History({ value: a }: { value: AccountBalances }) {
  const { t, i18n } = useTranslation();
  const name = useChannelName();
  const [channel, setChannel] = useState(a.channels[0]!.figures.channel);
  const [days, setDays] = useState<Span>(7);
  const history = useHistory(a, channel, days);
  const points = history.data ?? [];
  const series = [['available', 'first'], ['pending', 'second'], ['frozen', 'third']] as const;
  return (
    <Section
      title={t('balances.history')}
      testId="balance-history"
      extra={
        <div className="zg-row">
          {a.channels.length > 1 && <Select className="zg-filter-wide" aria-label={t('balances.channel')} value={channel} onChange={setChannel} options={a.channels.map((c) => ({ value: c.figures.channel, label: name(c) }))} />}
          <Segmented aria-label={t('balances.span')} value={days} onChange={setDays} options={spans.map((n) => ({ value: n, label: t(`balances.spans.${n}`) }))} />
        </div>
      }
    >
      {history.error && !history.data ? <ErrorSentence error={history.error} onRetry={() => void history.refetch()} /> : (
        <Chart
          title={t('balances.history')} labelsAre={t('balances.taken')} loading={history.isPending} labels={points.map((p) => p.at)} format={formatFen} short={shortFen(i18n.language)}
          empty={{ title: t('balances.noHistory'), hint: t('balances.noHistoryHint') }}
          series={series
            .filter(([figure]) => points.some((p) => p.figures[figure] !== undefined))
            .map(([figure, tone]) => ({ name: t(`balances.${figure}`), tone, kind: 'line', values: points.map((p) => p.figures[figure] ?? null) }))}
        />
      )}
    </Section>
  );
}
