import { Modal } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LoginForm } from '@/features/signin/LoginForm';
import { StepUpForm } from '@/features/signin/StepUpForm';
import { setInterruptions } from '@/lib/api/client';

type Kind = 'signIn' | 'stepUp';

/**
 * The two dialogs that may open in the middle of a request. The page below stays as it is, and
 * the request goes on when the dialog has been answered. Requests that meet the same dialog share it.
 * A refusal has the rights read anew: what may not be done any more disappears.
 */
export function InterruptionDialogs({ email, onRights }: { email: string; onRights: () => Promise<void> }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<Kind | null>(null);
  const waiting = useRef<Partial<Record<Kind, { promise: Promise<boolean>; answer: (ok: boolean) => void }>>>({});

  useEffect(() => {
    const ask = (kind: Kind) => () => {
      const already = waiting.current[kind];
      if (already) return already.promise;
      let answer: (ok: boolean) => void = () => undefined;
      const promise = new Promise<boolean>((resolve) => (answer = resolve));
      waiting.current[kind] = { promise, answer };
      setOpen(kind);
      return promise;
    };
    setInterruptions({ signIn: ask('signIn'), stepUp: ask('stepUp'), refused: () => void onRights() });
    return () => setInterruptions({ signIn: async () => false, stepUp: async () => false, refused: () => undefined });
  }, [onRights]);

  const finish = (kind: Kind, ok: boolean) => {
    waiting.current[kind]?.answer(ok);
    delete waiting.current[kind];
    setOpen(null);
  };

  return (
    <>
      <Modal open={open === 'signIn'} title={t('signin.endedTitle')} footer={null} mask={{ closable: false }} destroyOnHidden onCancel={() => finish('signIn', false)}>
        <p className="zg-muted zg-modal-lead">{t('signin.endedHint')}</p>
        <LoginForm
          email={email}
          onDone={(me) => {
            // Somebody else's console must not show this person's page.
            if (me.user?.email !== email) return window.location.assign('/');
            finish('signIn', true);
            void onRights();
          }}
        />
      </Modal>
      <Modal open={open === 'stepUp'} title={t('signin.stepUpTitle')} footer={null} destroyOnHidden onCancel={() => finish('stepUp', false)}>
        <p className="zg-muted zg-modal-lead">{t('signin.stepUpHint')}</p>
        <StepUpForm onDone={() => finish('stepUp', true)} />
      </Modal>
    </>
  );
}
