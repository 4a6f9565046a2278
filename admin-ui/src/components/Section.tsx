import { useId, type ReactNode } from 'react';

/** A titled card of a page. */
export function Section({ title, extra, children, flush, testId }: { title: string; extra?: ReactNode; children: ReactNode; flush?: boolean; testId?: string }) {
  const id = useId();
  return (
    <section className="zg-card zg-section" aria-labelledby={id} data-testid={testId}>
      <div className="zg-section-head">
        <h2 id={id}>{title}</h2>
        {extra}
      </div>
      <div className={flush ? 'zg-section-flush' : 'zg-section-body'}>{children}</div>
    </section>
  );
}
