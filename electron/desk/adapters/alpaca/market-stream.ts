import type { Clock } from '#desk/ports/clock.ts';
import type { AlpacaKeys } from './config.ts';
import { messagesSchema, streamErrorSchema, subscriptionSchema, successSchema } from './market-wire.ts';
import { createSocket } from './socket.ts';

export type MarketStreamParts = {
  readonly clock: Clock;
  readonly url: string;
  readonly keys: AlpacaKeys;
  /** In Alpaca's words. */
  readonly symbols: readonly string[];
  readonly onHeard: (latencyMs: number | null) => void;
  readonly onPrice: (message: { readonly T: string }) => void;
  readonly onDown: (why: string) => void;
};

/** One market data stream: subscribed to quotes and trades of its symbols, or closed. */
export interface MarketStream {
  readonly open: () => Promise<void>;
  readonly close: (why: string) => void;
}

const LOGON_MS = 10_000;

/** @source protocols.md 3.3 */
const ERRORS: ReadonlyMap<number, string> = new Map([
  [400, 'Alpaca does not understand the request'],
  [401, 'Alpaca wants the keys first'],
  [402, 'Alpaca does not know these keys'],
  [404, 'Alpaca waited for the keys in vain'],
  [405, 'the plan at Alpaca allows fewer symbols at a time: name fewer instruments, or take another plan'],
  [406, 'another program has the one market data connection Alpaca allows this account: close it'],
  [407, 'this computer reads too slowly for the stream'],
  [408, 'this account has no access to this stream'],
  [409, 'the plan at Alpaca does not include this feed: set feed to iex, or take another plan'],
  [500, 'Alpaca has an internal error'],
]);
const errorSentence = (code: number, msg: string): string =>
  `${ERRORS.get(code) ?? 'the market data stream of Alpaca refuses'} (${code}${msg === '' ? '' : `, ${msg.slice(0, 200)}`})`;

/** Makes a stream that is not open yet. */
export function createMarketStream({ clock, keys, symbols, ...parts }: MarketStreamParts): MarketStream {
  let settle: () => void = () => undefined;
  let fail: (why: string) => void = () => undefined;
  let stopTimer: () => void = () => undefined;
  const reached = { auth: false, subscribed: false };

  const onSuccess = (msg: string): void => {
    if (msg === 'connected') socket.send({ action: 'auth', key: keys.keyId, secret: keys.secretKey });
    if (msg !== 'authenticated' || reached.auth) return;
    reached.auth = true;
    socket.send({ action: 'subscribe', trades: symbols, quotes: symbols });
  };
  const onSubscription = (quotes: readonly string[], trades: readonly string[]): void => {
    const missing = symbols.filter((symbol) => !quotes.includes(symbol) || !trades.includes(symbol));
    if (missing.length > 0) socket.close(`Alpaca does not stream ${missing.join(', ')}`);
    else if (!reached.subscribed) {
      reached.subscribed = true;
      stopTimer();
      settle();
    }
  };
  const take = (message: { readonly T: string }): void => {
    const success = successSchema.safeParse(message);
    const subscription = subscriptionSchema.safeParse(message);
    const error = streamErrorSchema.safeParse(message);
    if (success.success) onSuccess(success.data.msg);
    else if (subscription.success) onSubscription(subscription.data.quotes, subscription.data.trades);
    // 403 says that the keys came twice: nothing is lost.
    else if (error.success && error.data.code !== 403) socket.close(errorSentence(error.data.code, error.data.msg));
    else if (reached.subscribed) parts.onPrice(message);
  };
  const socket = createSocket({
    ...{ clock, url: parts.url, onHeard: parts.onHeard },
    onMessage: (given) => {
      const messages = messagesSchema.safeParse(given);
      for (const message of messages.success ? messages.data : []) take(message);
    },
    onDown: (why) => {
      stopTimer();
      fail(why);
      parts.onDown(why);
    },
  });
  return {
    open: async () => {
      const ready = new Promise<void>((resolve, reject) => {
        settle = resolve;
        fail = (why) => reject(new Error(why));
      });
      // A socket that never opens fails twice; the first word counts.
      ready.catch(() => undefined);
      stopTimer = clock.after(LOGON_MS, () =>
        socket.close('the market data stream of Alpaca did not answer the logon'),
      );
      await socket.open();
      await ready;
    },
    close: socket.close,
  };
}
