import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { LoginForm } from './LoginForm';
import { Welcome } from './Welcome';

/** Only a path of this console: an address from outside must not choose where a person lands. */
export function safeTarget(to: string | null): string {
  return to && /^\/(?![/\\])/.test(to) ? to : '/';
}

export default function LoginPage() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  // A full load, so that nothing of an earlier user's session is left in memory.
  return (
    <Welcome title={t('signin.title')} lead={t('signin.lead')}>
      <LoginForm onDone={() => window.location.assign(safeTarget(search.get('to')))} />
    </Welcome>
  );
}
