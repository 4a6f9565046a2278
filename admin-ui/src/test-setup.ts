import { configure } from '@testing-library/react';

// What a page comes to, it comes to; how fast, on a busy machine, is no question here.
configure({ asyncUtilTimeout: 30_000 });

// jsdom has no layout and no media queries; what the pages ask of them gets a plain answer.
Object.defineProperty(window, 'matchMedia', {
  value: (query: string) => ({ matches: false, media: query, addEventListener: () => undefined, removeEventListener: () => undefined, addListener: () => undefined, removeListener: () => undefined, dispatchEvent: () => false, onchange: null }),
});
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
