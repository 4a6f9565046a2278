import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { EmptyState } from '@/components/EmptyState';
import { PageHead } from '@/components/PageHead';

export default function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <div className="zg-page">
      <PageHead title={t('notFound.title')} />
      <div className="zg-card">
        <EmptyState title={t('notFound.title')} hint={t('notFound.hint')} action={<Link to="/">{t('notFound.home')}</Link>} />
      </div>
    </div>
  );
}
