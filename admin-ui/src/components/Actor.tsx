import { useTranslation } from 'react-i18next';
import { useActors } from '@/lib/queries';
import { useSession } from '@/lib/session';

/** Tells who did something by the name that people know; tenant is the merchant whose record names them. */
export function useActorName(tenant: string | undefined): (actor: string | undefined) => string {
  const { t } = useTranslation();
  const { me } = useSession();
  const actors = useActors(tenant).data ?? [];
  return (actor) => {
    if (!actor) return t('common.none');
    if (actor === 'system') return t('actors.system');
    if (me.user && actor === `user:${me.user.id}`) return t('actors.you', { name: me.user.name });
    const found = actors.find((a) => a.actor === actor);
    if (found) return found.name;
    if (actor.startsWith('command:')) return t('actors.command', { user: actor.slice('command:'.length) });
    if (!actor.includes(':')) return actor;
    if (actor.startsWith('key:')) return t('actors.key', { id: actor.slice(-6) });
    return me.platform ? t('actors.other', { id: actor.slice(-6) }) : t('actors.platform');
  };
}

/** Tells who takes care of something, as the filter of owners has it: a user's id, or none. */
export function useOwnerName(tenant: string | undefined): (owner: string) => string {
  const { t } = useTranslation();
  const name = useActorName(tenant);
  return (owner) => (owner === 'none' ? t('cases.nobody') : name(`user:${owner}`));
}

/** Who did something. The longest name takes no more than its share of a row. */
export function Actor({ actor, tenant }: { actor: string | undefined; tenant: string | undefined }) {
  const name = useActorName(tenant)(actor);
  return <span className="zg-clip zg-person" title={actor ? `${name} · ${actor}` : undefined}>{name}</span>;
}
