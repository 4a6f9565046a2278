/** What this till was set to last; a cashier does not choose the store again for every customer. */
export interface Till {
  method?: string;
  store?: string;
  terminal?: string;
}

const key = (tenantId: string | undefined) => `zhanggui.till.${tenantId ?? ''}`;

export function rememberedTill(tenantId: string | undefined): Till {
  try {
    return JSON.parse(localStorage.getItem(key(tenantId)) ?? '{}') as Till;
  } catch {
    return {};
  }
}

export function rememberTill(tenantId: string | undefined, till: Till): void {
  try {
    localStorage.setItem(key(tenantId), JSON.stringify(till));
  } catch {
    // Chosen anew next time.
  }
}
