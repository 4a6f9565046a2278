import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '@/components/EmptyState';
import { PageHead } from '@/components/PageHead';
import { type Permission, useMay } from '@/lib/permissions';

/** A page for those who may; others who came by its address read that they may not. */
export function guarded(Page: ComponentType, may: Permission): ComponentType {
  return function Guarded() {
    const { t } = useTranslation();
    if (useMay()(may)) return <Page />;
    return (
      <>
        <PageHead title={t('guard.title')} />
        <div className="zg-card">
          <EmptyState title={t('errors.forbidden')} hint={t('guard.hint')} />
        </div>
      </>
    );
  };
}
