import { App, Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { asApiError } from '@/lib/api/error';
import { useActors } from '@/lib/queries';
import { useSession } from '@/lib/session';
import { errorSentence } from './ErrorSentence';

interface Assigning {
  mutate: (user: string | undefined, options: { onError: (error: Error) => void }) => void;
  isPending: boolean;
}

/** Gives something that waits for people to oneself, to somebody else, or to nobody. */
export function Assign({ tenantId, owner, assign, small }: { tenantId: string; owner: string | undefined; assign: Assigning; small?: boolean }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { me } = useSession();
  const own = `user:${me.user?.id}`;
  const others = (useActors(tenantId).data ?? []).filter((a) => a.active && a.actor.startsWith('user:') && a.actor !== own);
  const items = [
    ...(me.user && owner !== own ? [{ key: own, label: t('cases.assignMe') }] : []),
    ...others.map((a) => ({ key: a.actor, label: a.name })),
    ...(owner ? [{ key: '', label: t('cases.assignNobody') }] : []),
  ];
  const choose = ({ key }: { key: string }) =>
    assign.mutate(key ? key.slice('user:'.length) : undefined, { onError: (error) => void message.error(errorSentence(t, asApiError(error))) });
  return (
    <Dropdown menu={{ items, onClick: choose }} trigger={['click']}>
      <Button loading={assign.isPending} size={small ? 'small' : undefined} data-testid="assign">{t('cases.assign')}</Button>
    </Dropdown>
  );
}
