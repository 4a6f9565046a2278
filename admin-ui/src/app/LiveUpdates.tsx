import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/lib/api/client';
import { listen, useLiveState } from '@/lib/live';
import { refresher } from '@/lib/liveTopics';
import { onSignedOut, useSession } from '@/lib/session';

/** Asks the person to sign in again, in place, when the session is really over. */
function signedInAgain(): Promise<boolean> {
  return call(() => api.GET('/v1/session')).then(() => true, () => false);
}

/** Keeps what is on screen current, and says so quietly when it cannot. */
export function LiveUpdates() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { reload } = useSession();
  const state = useLiveState();

  useEffect(() => {
    const refresh = refresher(client);
    const stop = listen({
      onTopics: (topics) => {
        if (topics.includes('session')) void reload();
        refresh.tell(topics);
      },
      onGap: () => void client.invalidateQueries(),
      onRefused: async (code) => {
        if (code !== 'unauthenticated') {
          await reload();
          return false;
        }
        return signedInAgain();
      },
    });
    const deaf = onSignedOut(() => void signedInAgain());
    return () => {
      stop();
      deaf();
      refresh.stop();
    };
  }, [client, reload]);

  return (
    <div role="status" className={state === 'lost' ? 'zg-live-lost' : undefined}>
      {state === 'lost' && t('top.liveLost')}
    </div>
  );
}
