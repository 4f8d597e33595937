import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createClient } from '#shared/contract/client.ts';
import { setClient } from './api/client.ts';
import { startSync } from './api/sync.ts';
import { openTransport } from './api/transport.ts';
import { startAttention } from './features/attention/attention.ts';
import { App } from './features/frame/app.tsx';
import { loadAhead } from './features/frame/load-later.ts';
import { startKeyboard } from './features/keys/keyboard.ts';
import { startAppearance } from './store/appearance.ts';
import { startClock } from './store/clock.ts';
import { storeSink } from './store/feed.ts';
import { setRetryNow } from './store/link.ts';
import { useStatus } from './store/status.ts';
import { startTheme } from './store/theme.ts';

const transport = openTransport();
const client = createClient(transport);
setClient(client);
setRetryNow(() => transport.retryNow());
transport.onRetry((retryAt) => useStatus.setState({ retryAt }));
startTheme();
startAppearance();
startClock();
startSync(client, storeSink);
startKeyboard();
startAttention();
loadAhead();

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root element');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
