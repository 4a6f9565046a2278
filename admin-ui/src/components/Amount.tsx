import { formatFen } from '@/lib/money';

/** An amount of fen as people read it, always the same way: ¥1,234.50 in tabular figures. */
export function Amount({ fen, size, muted }: { fen: number | bigint; size?: 'large' | 'hero'; muted?: boolean }) {
  const classes = ['zg-amount', size && `zg-amount-${size}`, muted && 'zg-muted'].filter(Boolean).join(' ');
  return <span className={classes}>{formatFen(fen)}</span>;
}
