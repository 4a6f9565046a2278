import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

// Where an object has a page of its own, by the prefix of its id.
const pages: Record<string, string> = { pay: '/orders', ref: '/refunds', po: '/payouts', pob: '/payouts/batches', cas: '/cases', cbk: '/callbacks', apr: '/approvals', ten: '/merchants', rec: '/reconciliation', dif: '/differences', bim: '/bill-imports', bil: '/bills', whk: '/webhooks', dlv: '/webhook-deliveries', rql: '/request-log' };

/** The page of an object, if there is one. */
export function pageOf(id: string | undefined): string | undefined {
  const page = id && pages[id.slice(0, id.indexOf('_'))];
  return page ? `${page}/${id}` : undefined;
}

/** An object by what it is and the end of its id, as a link where it has a page. */
export function ObjectLink({ id, name }: { id: string | undefined; name?: string }) {
  const { t } = useTranslation();
  if (!id) return <span className="zg-muted">{t('common.none')}</span>;
  const text = name ?? `${t(`objects.${id.slice(0, id.indexOf('_'))}`, { defaultValue: '' })} ${id.slice(-6)}`.trim();
  const to = pageOf(id);
  return to ? <Link to={to} title={id}>{text}</Link> : <span title={id}>{text}</span>;
}
