import type { ReactNode } from 'react';

/** What a state means to a person: good, under way, wants something, in doubt, bad, over. */
export type Tone = 'good' | 'busy' | 'waiting' | 'unknown' | 'bad' | 'over';

/** A state as colour, shape and words, so that no one has to tell colours apart. */
export function StatusTag({ tone, children, testId }: { tone: Tone; children: ReactNode; testId?: string }) {
  return (
    <span className={`zg-status zg-status-${tone}`} data-tone={tone} data-testid={testId}>
      <span className="zg-status-mark" aria-hidden="true" />
      {children}
    </span>
  );
}
