import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { startI18n } from '@/i18n';
import { preferences } from '@/lib/preferences';
import { App } from './App';
import { signStyles } from './styleNonce';
import './styles.css';
import './books.css';
import './plugins.css';
import './till.css';
import './reports.css';

signStyles();
const i18n = await startI18n(preferences().language);
createRoot(document.getElementById('root')!).render(
  <I18nextProvider i18n={i18n}>
    <App />
  </I18nextProvider>,
);
