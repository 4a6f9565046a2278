import type { Payment } from '@/lib/queries';
import text from './examples/curl.txt?raw';

interface Call {
  name: string;
  text: string;
}

/** Calls to copy, about the merchant's newest order where there is one. */
export function curls(origin: string, order: Payment | undefined): Call[] {
  const values: Record<string, string> = {
    origin,
    payment: order?.id ?? 'pay_…',
    number: encodeURIComponent(order?.merchant_order_no || order?.order_no || 'A-1001'),
  };
  return text
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return { name: part.slice(0, end), text: part.slice(end + 1).trim().replaceAll(/\{(origin|payment|number)\}/g, (_, name: string) => values[name]!) };
    });
}
