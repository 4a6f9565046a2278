import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { I18nextProvider } from 'react-i18next';
import { startI18n, loadWords } from '@/i18n';
import { PaymentStatus } from './states';

const states = ['requires_action', 'processing', 'succeeded', 'failed', 'canceled', 'closed', 'expired'] as const;

async function shown(state: (typeof states)[number], unknown: boolean) {
  const i18n = await startI18n('zh-CN');
  await loadWords(i18n, 'pages');
  const { unmount } = render(<I18nextProvider i18n={i18n}><PaymentStatus value={{ state, unknown }} /></I18nextProvider>);
  const tag = screen.getByTestId('payment-status');
  const seen = { words: tag.textContent, look: tag.className, mark: tag.querySelector('.zg-status-mark') !== null };
  unmount();
  return seen;
}

it.each(states)('%s is a colour, a shape and a word', async (state) => {
  const seen = await shown(state, false);
  expect(seen.words).toMatch(/\p{Script=Han}/u);
  expect(seen.look).toMatch(/zg-status-\w+/);
  expect(seen.mark).toBe(true);
});

it.each(states)('%s in doubt looks like nothing but doubt', async (state) => {
  const seen = await shown(state, true);
  expect(seen).toEqual({ words: '待确认', look: expect.stringContaining('zg-status-unknown') as string, mark: true });
});
