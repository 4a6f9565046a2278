/** What a provider said of something, its code before its words; empty where it said nothing. */
export function providerSaid(of: { provider_code?: string; provider_message?: string }): string {
  return [of.provider_code, of.provider_message].filter(Boolean).join(' · ');
}
