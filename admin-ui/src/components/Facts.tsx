import type { ReactNode } from 'react';

export interface Fact {
  label: string;
  value: ReactNode;
  wide?: boolean;
}

/** Names and values of one object. Facts without a value are left out. */
export function Facts({ facts }: { facts: (Fact | false | null | undefined)[] }) {
  const shown = facts.filter((f): f is Fact => Boolean(f) && (f as Fact).value !== undefined && (f as Fact).value !== '' && (f as Fact).value !== null);
  return (
    <dl className="zg-facts">
      {shown.map((fact) => (
        <div key={fact.label} className={fact.wide ? 'zg-fact zg-fact-wide' : 'zg-fact'}>
          <dt>{fact.label}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}
