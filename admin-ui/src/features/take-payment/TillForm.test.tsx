import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { App } from 'antd';
import { createInstance } from 'i18next';
import { initReactI18next, I18nextProvider } from 'react-i18next';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import first from '@/i18n/en';
import till from '@/i18n/en/till';
import type { Schemas } from '@/lib/api/client';
import type { Payment } from '@/lib/queries';
import { SessionContext, type SessionView } from '@/lib/session';
import { TillForm } from './TillForm';

const words = till.till;
const i18n = createInstance();
beforeAll(async () => {
  await i18n.use(initReactI18next).init({ lng: 'en', resources: { en: { translation: { ...first, ...till } } }, interpolation: { escapeValue: false } });
  // Without layout nothing could take the focus.
  Object.defineProperty(HTMLElement.prototype, 'offsetParent', { configurable: true, get: () => document.body });
});
beforeEach(() => localStorage.clear());
afterEach(cleanup);

const code = '284444731900330101';
const barcode: Schemas['PaymentMethod'] = {
  account_id: 'acc_1', provider: 'demo', cancelable: true, payer_codes: [],
  spec: { method: 'barcode', name: { zh: '扫付款码', en: 'Scan' }, channels: [], channel_required: false },
};
const doubt = { id: 'pay_1', amount: 3000, unknown: true } as Payment;

/** A till that is told of payments in doubt, and of what the last sending came to. */
function counter(unfinished: Payment[]) {
  const send = vi.fn();
  const client = new QueryClient();
  const page = (error: unknown) => (
    <I18nextProvider i18n={i18n}>
      <QueryClientProvider client={client}>
        <SessionContext value={{ tenantId: 'ten_1' } as SessionView}>
          <App>
            <TillForm offers={[barcode]} unfinished={unfinished} busy={false} locked={false} error={error} onSubmit={send} />
          </App>
        </SessionContext>
      </QueryClientProvider>
    </I18nextProvider>
  );
  const { rerender } = render(page(null));
  return { send, fails: () => rerender(page(new Error('lost'))) };
}

/** Types into a field what ends with Enter, as people and scanners do. */
async function enter(label: string, text: string) {
  const user = userEvent.setup({ delay: null });
  await user.clear(screen.getByLabelText(label));
  await user.type(screen.getByLabelText(label), `${text}{Enter}`);
  return user;
}

async function scan(amount: string) {
  await enter(words.amount, amount);
  return enter(words.code, code);
}

const question = () => screen.queryByText(words.sameAmountHint);

describe('a scan at the till', () => {
  it('sends an amount that nobody waits for', async () => {
    const { send } = counter([doubt]);
    await scan('31');
    expect(send).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ amount: 3100, payer_code: code }));
    expect(question()).toBeNull();
  });

  it('asks before the amount of an order in doubt is taken again; no Enter of a scanner answers', async () => {
    const { send } = counter([doubt]);
    const user = await scan('30');
    await user.keyboard('{Enter}');
    await user.keyboard(`${code}{Enter}{Enter}`);
    expect(question()).toBeTruthy();
    expect(send).not.toHaveBeenCalled();
    await user.click(screen.getByText(words.otherCustomer));
    expect(send).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ amount: 3000, payer_code: code }));
  });

  it('sends nothing when it is the same customer, and asks again the next time', async () => {
    const { send } = counter([doubt]);
    const user = await scan('30');
    await user.click(screen.getByText(first.common.cancel));
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText(words.code)));
    expect(question()).toBeNull();
    await user.keyboard('{Enter}');
    expect(question()).toBeTruthy();
    expect(send).not.toHaveBeenCalled();
  });

  it('sends the very same once more after a lost answer, and asks before another code is charged', async () => {
    const unfinished: Payment[] = [];
    const { send, fails } = counter(unfinished);
    const user = await scan('30');
    unfinished.push(doubt);
    fails();
    await user.keyboard('{Enter}');
    expect(send).toHaveBeenCalledTimes(2);
    await enter(words.code, '284444731900440101');
    expect(question()).toBeTruthy();
    expect(send).toHaveBeenCalledTimes(2);
  });
});
