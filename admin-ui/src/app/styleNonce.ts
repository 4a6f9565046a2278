/** The number the server put into this page; style elements that carry it pass the page's policy. */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;

/**
 * Gives every style element made here the page's number. antd takes it from its settings, but
 * measures scroll bars and locks scrolling with elements of its own that do not carry it.
 */
export function signStyles(): void {
  if (!styleNonce) return;
  const create = document.createElement.bind(document) as (tag: string, options?: ElementCreationOptions) => HTMLElement;
  document.createElement = ((tag: string, options?: ElementCreationOptions) => {
    const element = create(tag, options);
    if (tag.toLowerCase() === 'style') element.nonce = styleNonce;
    return element;
  }) as typeof document.createElement;
}
