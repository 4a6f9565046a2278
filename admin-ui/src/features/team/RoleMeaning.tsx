import { useTranslation } from 'react-i18next';
import type { Schemas } from '@/lib/api/client';
import { byObject } from './meaning';

/** What a role may do, in words, as the server's policy says. */
export function RoleMeaning({ permissions }: { permissions: Schemas['Permission'][] }) {
  const { t, i18n } = useTranslation();
  const list = new Intl.ListFormat(i18n.language, { type: 'conjunction', style: 'narrow' });
  const object = (name: string) => t(`access.objects.${name}`, { defaultValue: name });
  const action = (name: string) => t(`access.actions.${name}`, { defaultValue: name });
  const { acting, reading } = byObject(permissions);
  return (
    <div className="zg-stack-tight zg-small" data-testid="role-meaning">
      {acting.length > 0 && (
        <ul className="zg-may">
          {acting.map((o) => (
            <li key={o.object}>
              <span className="zg-strong">{object(o.object)}</span> <span className="zg-muted">{list.format(o.actions.map(action))}</span>
            </li>
          ))}
        </ul>
      )}
      {reading.length > 0 && <p className="zg-muted">{t('access.readOnly', { objects: list.format(reading.map(object)) })}</p>}
    </div>
  );
}
