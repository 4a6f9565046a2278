import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { ConfigProvider } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RouterProvider } from 'react-router';
import { switchLanguage } from '@/i18n';
import { ApiError } from '@/lib/api/error';
import { useDark, usePreferences, useStill } from '@/lib/preferences';
import { usePhone } from '@/lib/viewport';
import { consoleLocale } from './locale';
import { createRouter } from './router';
import { styleNonce } from './styleNonce';
import { consoleTheme } from './theme';

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        networkMode: 'always',
        refetchOnReconnect: true,
        // A refusal stays one; a lost connection is worth two more tries.
        retry: (failures, error) => failures < 2 && error instanceof ApiError && error.inDoubt,
      },
      // Without a network it is said that nothing could be sent: a refund does not wait, and leave by itself when there is one again.
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}

/** The console: preferences, theme, language, data and pages. */
export function App() {
  const { i18n } = useTranslation();
  const { language } = usePreferences();
  const dark = useDark();
  const still = useStill();
  const [queryClient] = useState(createQueryClient);
  const [router] = useState(() => createRouter(queryClient, i18n));
  const phone = usePhone();
  const theme = useMemo(() => consoleTheme(dark, still, phone), [dark, still, phone]);

  useEffect(() => {
    document.documentElement.lang = language;
    void switchLanguage(i18n, language);
  }, [i18n, language]);
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  }, [dark]);

  return (
    <ConfigProvider theme={theme} locale={consoleLocale(language)} button={{ autoInsertSpace: false }} csp={{ nonce: styleNonce }}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </ConfigProvider>
  );
}
