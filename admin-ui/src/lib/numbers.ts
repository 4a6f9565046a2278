/** What somebody typed to find an order by: an id of ours by its form, else one of its numbers. */
export function numberOrId(typed: string | null): { object_id?: string; number?: string } {
  const text = typed?.trim() ?? '';
  if (text === '') return {};
  return /^[a-z]{2,4}_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(text) ? { object_id: text } : { number: text.slice(0, 64) };
}
