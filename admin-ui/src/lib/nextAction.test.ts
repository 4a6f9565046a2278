import { describe, expect, it } from 'vitest';
import { ApiError } from './api/error';
import { isCode, isPage, secondsToWait, stepOf } from './nextAction';

const waiting = { state: 'requires_action' as const, unknown: false };

describe('the next step of a payment', () => {
  it.each(['show_qr', 'redirect', 'form_post', 'html', 'invoke_wallet', 'enter_code'])('is %s', (type) => {
    expect(stepOf({ ...waiting, next_action: { type, url: 'https://pay.example/1' } })).toEqual({ type, url: 'https://pay.example/1' });
  });

  it('is still the form while the provider cannot know an order that no browser has brought yet', () => {
    expect(stepOf({ ...waiting, unknown: true, unknown_reason: 'not_known_yet', next_action: { type: 'form_post', url: '/pay/1' } })?.type).toBe('form_post');
  });

  it.each([
    ['nothing is asked', { ...waiting }],
    ['the console does not know it', { ...waiting, next_action: { type: 'dance' } }],
    ['it was done', { ...waiting, state: 'processing' as const, next_action: { type: 'enter_code' } }],
    ['the form was opened and no clear answer came', { ...waiting, unknown: true, unknown_reason: 'no_clear_answer', next_action: { type: 'form_post', url: '/pay/1' } }],
    ['it may have been paid', { ...waiting, unknown: true, next_action: { type: 'show_qr', qr_content: 'x' } }],
  ])('is none when %s', (_, payment) => expect(stepOf(payment)).toBeUndefined());
});

describe('isPage', () => {
  it.each([
    ['https://pay.example/1', true],
    ['HTTP://127.0.0.1:8080/pay/x', true],
    ['weixin://wap/pay', false],
    ['javascript:alert(1)//https://', false],
    ['', false],
  ])('%s: %s', (url, page) => expect(isPage(url)).toBe(page));
});

describe('isCode', () => {
  it.each([['1234', true], ['12345678', true], ['123', false], ['123456789', false], ['12a4', false], ['', false], ['\uff11\uff12\uff13\uff14', false]])('%j: %s', (text, ok) => expect(isCode(text)).toBe(ok));
});

describe('secondsToWait', () => {
  const refusal = (code: string, seconds?: string) => new ApiError({ code, status: 409, detail: '', args: seconds === undefined ? undefined : { seconds } });
  it.each([
    [refusal('too_early', '41'), 41],
    [refusal('too_early', '0.2'), 1],
    [refusal('too_early', 'soon'), 0],
    [refusal('too_early'), 0],
    [refusal('provider_refused', '41'), 0],
    [new TypeError('failed'), 0],
  ])('case %#', (error, seconds) => expect(secondsToWait(error)).toBe(seconds));
});
