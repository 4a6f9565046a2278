import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { createInstance } from 'i18next';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import zh from '@/i18n/zh-CN';
import { formatFen } from '@/lib/money';
import { Chart } from './Chart';

const i18n = createInstance();
beforeAll(async () => {
  await i18n.use(initReactI18next).init({ lng: 'zh-CN', resources: { 'zh-CN': { translation: zh } } });
});
afterEach(cleanup);

function show(values: (number | null)[], loading = false) {
  return render(
    <I18nextProvider i18n={i18n}>
      <Chart
        title="分时收款" labelsAre="时间" loading={loading} labels={['00:00', '01:00']} format={formatFen} empty={{ title: '没有收款' }}
        series={[{ name: '今天', tone: 'first', kind: 'bar', values }, { name: '昨天', tone: 'before', kind: 'line', values: [100, null] }].filter((s) => s.name === '今天' || values.length > 0) as never}
      />
    </I18nextProvider>,
  );
}

describe('Chart', () => {
  it('draws its series', async () => {
    const { container } = show([123450, 200]);
    await waitFor(() => expect(container.querySelectorAll('svg path').length).toBeGreaterThan(3));
    expect(container.querySelector('svg')!.textContent).toContain('01:00');
    expect(screen.getByRole('img', { name: '分时收款' })).toBeTruthy();
  });

  it('says the same in a table', () => {
    const { container } = show([123450, 200]);
    const details = container.querySelector('details')!;
    details.open = true;
    fireEvent(details, new Event('toggle'));
    const rows = [...container.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent));
    expect(rows).toEqual([['00:00', '¥1,234.50', '¥1.00'], ['01:00', '¥2.00', '–']]);
  });

  it('says when there is nothing, and keeps its place while it waits', () => {
    show([]);
    expect(screen.getByText('没有收款')).toBeTruthy();
    cleanup();
    const { container } = show([1], true);
    expect(container.querySelector('[aria-busy="true"]')).toBeTruthy();
  });
});
