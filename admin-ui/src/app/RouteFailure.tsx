import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useRouteError } from 'react-router';

/** What stands in place of a page whose code failed or could not be loaded. */
export function RouteFailure() {
  const { t } = useTranslation();
  const error = useRouteError();
  return (
    <main className="zg-empty" role="alert">
      <h1 className="zg-empty-title">{t('crash.title')}</h1>
      <p>{t('crash.hint')}</p>
      <pre className="zg-pre">{error instanceof Error ? error.message : String(error)}</pre>
      <Button type="primary" onClick={() => window.location.reload()}>
        {t('crash.reload')}
      </Button>
    </main>
  );
}
