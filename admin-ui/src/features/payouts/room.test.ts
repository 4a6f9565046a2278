import { describe, expect, it } from 'vitest';
import { feeBy, mostOf, obstacle, rateAt, roomIn } from './room';

const rate = { basis_points: 38, minimum: 100, maximum: 500, per_payout: 50, valid_from: '2026-03-01T00:00:00Z' };

describe('the fee of a payout', () => {
  it.each([[1, 150], [100_000, 430], [100_001, 430], [131_579, 550], [9_999_999_999, 550]])('%s fen cost %s', (fen, fee) => expect(feeBy(rate, fen)).toBe(fee));
  it('is nothing where no rate is agreed', () => expect(feeBy(undefined, 100)).toBe(0));
  it('is by the rate that is valid at the time', () => {
    const ended = { ...rate, valid_to: '2026-04-01T00:00:00Z' };
    expect(rateAt([ended], Date.parse('2026-03-31T23:59:59Z'))).toBe(ended);
    expect(rateAt([ended], Date.parse('2026-04-01T00:00:00Z'))).toBeUndefined();
    expect(rateAt([ended], Date.parse('2026-02-28T00:00:00Z'))).toBeUndefined();
  });
});

const payable = (source: 'balance' | 'advance', available: number, reason?: 'outside_hours' | 'suspended' | 'nothing') => ({ source, available_to_pay_out: available, largest_single: Math.min(available, 800), fee: 1, ...(reason && { reason }) });
const one = { figures: { channel: '01', opens: '09:00:00', closes: '21:00:00' }, payable_now: [payable('balance', 1000), payable('advance', 0, 'nothing')] };
const closed = { figures: { channel: '02', opens: '09:00:00', closes: '21:00:00' }, payable_now: [payable('balance', 0, 'outside_hours'), payable('advance', 0, 'outside_hours')] };

describe('what can be paid out', () => {
  it('is told apart by source, and summed over the channels', () => {
    expect(roomIn([one, closed], 'balance')).toEqual({ available: 1000, largest: 800, reasons: ['outside_hours'], opens: '09:00:00', closes: '21:00:00' });
    expect(roomIn([one], 'advance')).toMatchObject({ available: 0, largest: 0, reasons: ['nothing'] });
    expect(roomIn([one, closed], 'balance', '02')).toMatchObject({ available: 0, reasons: ['outside_hours'] });
    expect(roomIn([], 'balance')).toBeUndefined();
  });

  it('is the least of all limits', () => {
    expect(mostOf(5000, [{ single: 900, left_today: 400 }, { single: 3000, left_today: 0 }])).toEqual({ single: 900, today: 0 });
    expect(mostOf(undefined, [])).toEqual({ single: 9_999_999_999, today: undefined });
  });

  it.each([
    [800, undefined],
    [801, 'room'],
    [901, 'single'],
    [850, 'today'],
  ])('stops %s fen: %s', (fen, what) => expect(obstacle(fen, roomIn([one], 'balance'), { single: 900, today: what === 'today' ? 849 : undefined })).toBe(what));

  it('does not stop what waits for the channel to open', () => {
    expect(obstacle(801, roomIn([closed], 'balance'), { single: 900 })).toBeUndefined();
    expect(obstacle(1, roomIn([one], 'advance'), { single: 900 })).toBe('room');
    expect(obstacle(1, undefined, { single: 900 })).toBeUndefined();
  });
});
