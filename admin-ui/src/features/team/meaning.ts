import type { Schemas } from '@/lib/api/client';

interface Acting {
  object: string;
  actions: string[];
}

/** What a role's permissions come to: the objects it acts on with the actions, and those it only looks at. */
export function byObject(permissions: Schemas['Permission'][]): { acting: Acting[]; reading: string[] } {
  const objects = new Map<string, string[]>();
  for (const { object, action } of permissions) objects.set(object, [...(objects.get(object) ?? []), action]);
  const acting: Acting[] = [];
  const reading: string[] = [];
  for (const [object, actions] of objects) {
    if (actions.every((a) => a === 'read')) reading.push(object);
    else acting.push({ object, actions });
  }
  return { acting, reading };
}
