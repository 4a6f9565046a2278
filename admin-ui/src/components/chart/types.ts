/** What a series is, which decides its colour: the same thing looks the same on every page. */
export type SeriesTone = 'first' | 'second' | 'third' | 'bad' | 'before';

export interface Series {
  name: string;
  tone: SeriesTone;
  kind: 'bar' | 'line';
  /** One for each label; null where nothing is known. */
  values: (number | null)[];
  /** Bars with the same word stand on one another. */
  stack?: string;
}

export interface Drawing {
  /** What the values are of: hours or days in Beijing, names. */
  labels: string[];
  series: Series[];
  /** A value in full, for the tooltip and the table. */
  format: (value: number) => string;
  /** A value beside the axis. */
  short?: (value: number) => string;
  /** Fixes the axis at 0 to this, for shares. */
  percent?: number;
}

/** How the page looks now. */
export interface Look {
  colours: Record<SeriesTone, string>;
  line: string;
  muted: string;
  font: string;
  still: boolean;
}
