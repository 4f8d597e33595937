import type { WebSocket } from 'ws';
import { KEYS } from './server.ts';

/** Streams of prices and bars, by protocols.md 3.3. */
export type MarketSide = {
  readonly bars: Map<string, { t: string; o: number; h: number; l: number; c: number; v: number }[]>;
  /** Answers the subscription with this error instead. */
  refuse: { code: number; msg: string } | null;
  readonly subscribed: () => readonly string[];
  readonly send: (messages: readonly unknown[]) => void;
  readonly route: (url: URL) => { status: number; body: unknown } | null;
  readonly onSocket: (socket: WebSocket, path: string) => void;
};

type Subscription = { readonly socket: WebSocket; symbols: readonly string[] };

export function createMarketSide(faults: { readonly split: boolean }): MarketSide {
  const clients = new Set<Subscription>();
  const say = (socket: WebSocket, messages: readonly unknown[]): void => {
    const text = JSON.stringify(messages);
    if (!faults.split) socket.send(text);
    else for (let n = 0; n < text.length; n += 1) socket.send(text.slice(n, n + 1), { fin: n === text.length - 1 });
  };
  const side: MarketSide = {
    bars: new Map(),
    refuse: null,
    subscribed: () => [...clients].flatMap(({ symbols }) => symbols),
    send: (messages) => {
      for (const { socket } of clients) say(socket, messages);
    },
    route: (url) => {
      const isBars = /^\/(v2\/stocks|v1beta3\/crypto\/us)\/bars$/u.test(url.pathname);
      if (!isBars) return null;
      const symbol = url.searchParams.get('symbols') ?? '';
      const key = `${symbol} ${url.searchParams.get('timeframe') ?? ''}`;
      const [from, to] = ['start', 'end'].map((name) => Date.parse(url.searchParams.get(name) ?? ''));
      const all = (side.bars.get(key) ?? []).filter(
        ({ t }) => Date.parse(t) >= (from ?? 0) && Date.parse(t) <= (to ?? 0),
      );
      const at = Number(url.searchParams.get('page_token') ?? 0);
      const size = Number(url.searchParams.get('limit') ?? 1_000);
      const next = at + size < all.length ? String(at + size) : null;
      return { status: 200, body: { bars: { [symbol]: all.slice(at, at + size) }, next_page_token: next } };
    },
    onSocket: (socket) => {
      const client: Subscription = { socket, symbols: [] };
      say(socket, [{ T: 'success', msg: 'connected' }]);
      socket.on('message', (data) => {
        const message = JSON.parse((data as Buffer).toString('utf8')) as Record<string, unknown>;
        if (message['action'] === 'auth') {
          const isRight = message['key'] === KEYS.keyId && message['secret'] === KEYS.secretKey;
          say(socket, [
            isRight ? { T: 'success', msg: 'authenticated' } : { T: 'error', code: 402, msg: 'auth failed' },
          ]);
          return;
        }
        if (message['action'] !== 'subscribe') return;
        if (side.refuse !== null) {
          say(socket, [{ T: 'error', ...side.refuse }]);
          return;
        }
        client.symbols = message['quotes'] as string[];
        clients.add(client);
        const { trades, quotes, bars } = message;
        say(socket, [{ T: 'subscription', trades, quotes, bars }]);
      });
      socket.on('close', () => clients.delete(client));
    },
  };
  return side;
}
