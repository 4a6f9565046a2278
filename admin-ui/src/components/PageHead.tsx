import { ArrowLeftOutlined } from '@ant-design/icons';
import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

/** The head of a page: its one h1, what it is about, and what can be done here. */
export function PageHead({ title, lead, actions, back, status }: { title: string; lead?: ReactNode; actions?: ReactNode; back?: { to: string; label: string }; status?: ReactNode }) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t('brand.name')}`;
  }, [title, t]);
  return (
    <header className="zg-head">
      {back && (
        <Link className="zg-back" to={back.to}>
          <ArrowLeftOutlined aria-hidden="true" /> {back.label}
        </Link>
      )}
      <div className="zg-head-row">
        <div className="zg-head-text">
          <h1>
            {title} {status}
          </h1>
          {lead && <p className="zg-muted">{lead}</p>}
        </div>
        {actions && <div className="zg-actions">{actions}</div>}
      </div>
    </header>
  );
}
