import { useRef } from 'react';

/** A number no other submission has. crypto.randomUUID is there on https and localhost only. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `ui-${Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')}`;
}

/**
 * The Idempotency-Key of a form. The same content keeps its key however often it is sent, so
 * that a double click or a retry after a lost answer is one operation; other content gets a
 * new key. Call done() when the server has taken the submission.
 */
export function useSubmissionKey(): { keyFor: (content: unknown) => string; done: () => void } {
  const held = useRef<{ content: string; key: string } | null>(null);
  return {
    keyFor(content) {
      const text = JSON.stringify(content);
      if (held.current?.content !== text) held.current = { content: text, key: newKey() };
      return held.current.key;
    },
    done() {
      held.current = null;
    },
  };
}
