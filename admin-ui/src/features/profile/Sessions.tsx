import { useMutation, useQuery } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { BeijingTime } from '@/components/BeijingTime';
import { errorSentence } from '@/components/ErrorSentence';
import { ListBody } from '@/components/ListPage';
import { Section } from '@/components/Section';
import { StatusTag } from '@/components/StatusTag';
import { api, call, type Schemas } from '@/lib/api/client';
import { asApiError } from '@/lib/api/error';
import { useRefresh } from '@/lib/queries';
import { browserOf } from './device';

type Session = Schemas['Session'];

/** Where the user is signed in; what is not theirs they end. */
export function Sessions() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ['sessions'], queryFn: () => call(() => api.GET('/v1/sessions')) });
  const others = query.data?.items.some((s) => !s.current) ?? false;
  return (
    <Section title={t('profile.sessions')} extra={others && <EndOthers />} flush testId="sessions">
      <ListBody<Session>
        title={t('profile.sessions')}
        query={query}
        rowKey={(s) => s.id}
        columns={[
          { title: t('profile.browser'), key: 'agent', render: (_, s) => <Browser session={s} /> },
          { title: t('profile.address'), key: 'ip', render: (_, s) => <span className="zg-mono">{s.ip}</span> },
          { title: t('profile.signedIn'), key: 'created', render: (_, s) => <BeijingTime at={s.created_at} /> },
          { title: t('profile.seen'), key: 'seen', render: (_, s) => <BeijingTime at={s.seen_at} /> },
          { title: <span className="zg-sr-only">{t('common.actions')}</span>, key: 'actions', align: 'right', render: (_, s) => <End session={s} /> },
        ]}
        card={(s) => (
          <div>
            <Browser session={s} />
            <span className="zg-muted zg-small"><BeijingTime at={s.seen_at} /> · {s.ip}</span>
            <End session={s} />
          </div>
        )}
        empty={{ title: t('profile.noSessions') }}
      />
    </Section>
  );
}

function useBrowserName(): (session: Session) => string {
  const { t } = useTranslation();
  return (session) => {
    const { device, name } = browserOf(session.user_agent);
    const browser = name === 'wechat' ? t('profile.wechat') : (name ?? t('profile.browserUnknown'));
    return t('profile.deviceOn', { browser, device: t(`profile.devices.${device}`) });
  };
}

function Browser({ session }: { session: Session }) {
  const { t } = useTranslation();
  const name = useBrowserName();
  return (
    <span className="zg-row">
      <span title={session.user_agent}>{name(session)}</span>
      {session.current && <StatusTag tone="good">{t('profile.thisBrowser')}</StatusTag>}
    </span>
  );
}

function End({ session }: { session: Session }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const refresh = useRefresh();
  const name = useBrowserName();
  const end = useMutation({
    mutationFn: () => call(() => api.DELETE('/v1/sessions/{session_id}', { params: { path: { session_id: session.id } } })),
    onSuccess: () => {
      void message.success(t('profile.ended'));
      return refresh('sessions');
    },
    onError: (error) => void message.error(errorSentence(t, asApiError(error))),
  });
  if (session.current) return null;
  return (
    <Button size="small" loading={end.isPending} onClick={() => end.mutate()} aria-label={`${t('profile.endSession')}: ${name(session)}`}>
      {t('profile.endSession')}
    </Button>
  );
}

function EndOthers() {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const refresh = useRefresh();
  const end = useMutation({
    mutationFn: () => call(() => api.DELETE('/v1/sessions')),
    onSuccess: () => {
      void message.success(t('profile.endedOthers'));
      return refresh('sessions');
    },
    onError: (error) => void message.error(errorSentence(t, asApiError(error))),
  });
  const ask = () =>
    modal.confirm({
      title: t('profile.endOthersTitle'),
      content: t('profile.endOthersHint'),
      okText: t('profile.endOthers'),
      cancelText: t('common.cancel'),
      okButtonProps: { danger: true },
      onOk: () => end.mutateAsync().catch(() => undefined),
    });
  return <Button size="small" loading={end.isPending} onClick={() => void ask()}>{t('profile.endOthers')}</Button>;
}
