import type { Schemas } from '@/lib/api/client';
import { MAX_FEN } from '@/lib/money';

/** What can be paid out at the moment, as the balance, the rates and the limits say. The server looks again before anything is sent. */

type Rate = Pick<Schemas['FeeRate'], 'basis_points' | 'minimum' | 'maximum' | 'per_payout' | 'valid_from' | 'valid_to'>;
type Channel = Pick<Schemas['ChannelBalance'], 'payable_now'> & { figures: Pick<Schemas['BalanceFigures'], 'channel' | 'opens' | 'closes' | 'minimum' | 'maximum'> };
type Limit = Pick<Schemas['SpendingLimit'], 'single' | 'left_today'>;

const WHOLE = 10_000n;

/** The rate that is valid at a time. */
export function rateAt(rates: readonly Rate[], at: number): Rate | undefined {
  return rates.find((r) => new Date(r.valid_from).getTime() <= at && (!r.valid_to || new Date(r.valid_to).getTime() > at));
}

/** What a payout of this many fen costs: the basis points rounded half up, within their bounds, and what is on top of each. */
export function feeBy(rate: Rate | undefined, fen: number): number {
  if (!rate) return 0;
  let fee = (BigInt(fen) * BigInt(rate.basis_points) + WHOLE / 2n) / WHOLE;
  if (fee < BigInt(rate.minimum)) fee = BigInt(rate.minimum);
  if (rate.maximum && fee > BigInt(rate.maximum)) fee = BigInt(rate.maximum);
  return Number(fee) + rate.per_payout;
}

/** What one source has: how much in all, the largest single payout, and why nothing when it is nothing. */
export interface Room {
  available: number;
  largest: number;
  reasons: Schemas['PayableReason'][];
  opens?: string;
  closes?: string;
}

/** What can be paid from a source, from one channel or whichever the provider takes. Undefined where the provider states no balance. */
export function roomIn(channels: readonly Channel[], source: string, channel?: string): Room | undefined {
  const all = channels.filter((c) => !channel || c.figures.channel === channel);
  const payables = all.flatMap((c) => c.payable_now.filter((p) => p.source === source));
  if (payables.length === 0) return undefined;
  const closed = all.find((c) => c.payable_now.some((p) => p.source === source && p.reason === 'outside_hours'));
  return {
    available: payables.reduce((sum, p) => sum + p.available_to_pay_out, 0),
    largest: Math.max(...payables.map((p) => p.largest_single)),
    reasons: [...new Set(payables.flatMap((p) => (p.reason ? [p.reason] : [])))],
    opens: closed?.figures.opens,
    closes: closed?.figures.closes,
  };
}

/** The most of one payout, by the manifest, the merchant's limits and the platform's. */
export function mostOf(maximum: number | undefined, limits: readonly Limit[]): { single: number; today?: number } {
  const singles = [Number(MAX_FEN), maximum, ...limits.map((l) => l.single)].filter((n) => n !== undefined);
  const days = limits.map((l) => l.left_today).filter((n) => n !== undefined);
  return { single: Math.min(...singles), today: days.length > 0 ? Math.min(...days) : undefined };
}

export type Obstacle = 'single' | 'today' | 'room';

/** What stands in the way of an amount now, if anything. That a channel is closed at this hour does not: others agree first. */
export function obstacle(fen: number, room: Room | undefined, most: { single: number; today?: number }): Obstacle | undefined {
  if (fen > most.single) return 'single';
  if (most.today !== undefined && fen > most.today) return 'today';
  const waits = room && room.available === 0 && room.reasons.every((r) => r === 'outside_hours' || r === 'holiday' || r === 'not_stated');
  return room && !waits && fen > room.largest ? 'room' : undefined;
}
