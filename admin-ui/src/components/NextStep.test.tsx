import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { createInstance } from 'i18next';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import en from '@/i18n/en';
import { api, type Schemas } from '@/lib/api/client';
import { MayContext } from '@/lib/permissions';
import type { Payment } from '@/lib/queries';
import { NextStep } from './NextStep';

// A busy machine draws the first form slowly.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 20_000 });

const i18n = createInstance();
beforeAll(async () => {
  await i18n.use(initReactI18next).init({ lng: 'en', resources: { en: { translation: en } }, interpolation: { escapeValue: false } });
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function show(next_action: Schemas['NextAction'], may = true) {
  const payment = { id: 'pay_1', tenant_id: 'ten_1', provider: 'demo', method: 'quick', state: 'requires_action', unknown: false, next_action } as Payment;
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const invalidated = vi.spyOn(client, 'invalidateQueries');
  render(
    <I18nextProvider i18n={i18n}>
      <QueryClientProvider client={client}>
        <MayContext value={(permission) => may && permission === 'payments:create'}>
          <NextStep payment={payment} />
        </MayContext>
      </QueryClientProvider>
    </I18nextProvider>,
  );
  return { invalidated };
}

type Posted = Awaited<ReturnType<typeof api.POST>>;
const answer = (status: number, body: unknown) => ({ response: new Response(null, { status }), ...(status < 300 ? { data: body } : { error: body }) }) as unknown as Posted;
const refuse = (code: string, rest: object = {}) => answer(409, { code, detail: 'The server’s sentence.', ...rest });
const enter = (code: string) => {
  fireEvent.change(screen.getByLabelText(en.nextStep.codeLabel), { target: { value: code } });
  fireEvent.submit(screen.getByTestId('code-form'));
};

describe('a page to open', () => {
  it('leads out of the console without a way back', () => {
    show({ type: 'redirect', url: 'https://pay.example/1' });
    const link = screen.getByTestId('next-open');
    expect(link).toHaveProperty('href', 'https://pay.example/1');
    expect(link.getAttribute('rel')).toContain('noopener');
    expect(screen.queryByText(en.nextStep.pageOnce)).toBeNull();
  });

  it.each(['form_post', 'html'])('says of %s that it opens once', (type) => {
    show({ type, url: 'https://zhanggui.example/pay/x' });
    expect(screen.getByText(en.nextStep.pageOnce)).toBeTruthy();
  });

  it('does not open what is no page', () => {
    show({ type: 'redirect', url: 'javascript:alert(1)' });
    expect(screen.getByTestId('next-url').textContent).toBe('javascript:alert(1)');
    expect(screen.queryByTestId('next-open')).toBeNull();
  });
});

describe('the fields for a wallet', () => {
  it('are JSON as a program takes it', () => {
    const fields = { appId: 'wx1', package: 'prepay_id=1' };
    show({ type: 'invoke_wallet', fields });
    expect(JSON.parse(screen.getByTestId('next-fields').textContent!)).toEqual(fields);
  });
});

describe('the payer’s code', () => {
  it('is handed in once and the payment is read again', async () => {
    const post = vi.spyOn(api, 'POST').mockResolvedValue(answer(200, {}));
    const { invalidated } = show({ type: 'enter_code' });
    enter('123 456');
    await waitFor(() => expect(invalidated).toHaveBeenCalledWith({ queryKey: ['payment'] }));
    expect(post).toHaveBeenCalledExactlyOnceWith('/v1/payments/{payment_id}/confirm', expect.objectContaining({ body: { code: '123456' }, params: { path: { payment_id: 'pay_1' } } }));
  });

  it('is not sent when it cannot be one', async () => {
    const post = vi.spyOn(api, 'POST');
    show({ type: 'enter_code' });
    enter('12');
    expect(await screen.findByText(en.nextStep.codeForm)).toBeTruthy();
    expect(post).not.toHaveBeenCalled();
  });

  it('may be entered again when it was refused', async () => {
    vi.spyOn(api, 'POST').mockResolvedValue(refuse('provider_refused', { param: '/code' }));
    show({ type: 'enter_code' });
    enter('123456');
    expect((await screen.findByText(en.nextStep.codeRefused, { exact: false })).textContent).toContain('The server’s sentence.');
    expect(screen.queryByTestId('error')).toBeNull();
  });

  it('shows another refusal below', async () => {
    vi.spyOn(api, 'POST').mockResolvedValue(refuse('invalid_state'));
    show({ type: 'enter_code' });
    enter('123456');
    expect((await screen.findByTestId('error')).dataset.code).toBe('invalid_state');
  });

  it('waits before another is sent as long as the provider wants', async () => {
    const post = vi.spyOn(api, 'POST').mockResolvedValue(refuse('too_early', { args: { seconds: '41' } }));
    show({ type: 'enter_code' });
    fireEvent.click(screen.getByTestId('code-resend'));
    expect(await screen.findByText(/try again in 41 seconds/)).toBeTruthy();
    expect(post.mock.calls[0]![0]).toBe('/v1/payments/{payment_id}/resend-code');
    expect(screen.getByTestId('code-resend')).toHaveProperty('disabled', true);
  });

  it('is asked of those who may take payments only', () => {
    show({ type: 'enter_code' }, false);
    expect(screen.queryByTestId('code-form')).toBeNull();
    expect(screen.getByText(en.nextStep.codeNotYours)).toBeTruthy();
  });
});
