import type { Clock } from '#desk/ports/clock.ts';
import type { AlpacaKeys } from './config.ts';
import { createSocket } from './socket.ts';
import {
  authorizationSchema,
  foreignUpdateSchema,
  listeningSchema,
  refusalSchema,
  streamFrameSchema,
  tradeUpdateSchema,
  type WireTradeUpdate,
} from './wire.ts';

export type TradeStreamParts = {
  readonly clock: Clock;
  readonly url: string;
  readonly keys: AlpacaKeys;
  readonly onHeard: (latencyMs: number | null) => void;
  readonly onUpdate: (update: WireTradeUpdate) => void;
  readonly onDown: (why: string) => void;
};

/** The stream of what becomes of orders. It replays nothing: after each connection REST is asked. */
export interface TradeStream {
  /** Resolves when updates come; rejects with a sentence. */
  readonly open: () => Promise<void>;
  readonly close: (why: string) => void;
}

const LOGON_MS = 10_000;
const UNAUTHORIZED = 'the stream of Alpaca refuses these keys; paper and live have keys of their own';

type Waiting = 'authorization' | 'listening' | null;

/** Makes a stream that is not open yet. @source protocols.md 3.2 */
export function createTradeStream({ clock, keys, onUpdate, ...parts }: TradeStreamParts): TradeStream {
  let waiting: Waiting = 'authorization';
  let settle: () => void = () => undefined;
  let fail: (why: string) => void = () => undefined;
  let stopTimer: () => void = () => undefined;

  const onAuthorization = (data: unknown): void => {
    const answer = authorizationSchema.safeParse(data);
    if (answer.data?.status !== 'authorized') socket.close(UNAUTHORIZED);
    else if (waiting === 'authorization') {
      waiting = 'listening';
      socket.send({ action: 'listen', data: { streams: ['trade_updates'] } });
    }
  };
  const onListening = (data: unknown): void => {
    const answer = listeningSchema.safeParse(data);
    if (answer.data?.streams.includes('trade_updates') !== true) socket.close('Alpaca does not stream trade_updates');
    else if (waiting === 'listening') {
      waiting = null;
      stopTimer();
      settle();
    }
  };
  const onMessage = (message: unknown): void => {
    if (Array.isArray(message)) {
      for (const one of message) onMessage(one);
      return;
    }
    const refusal = waiting === null ? null : refusalSchema.safeParse(message);
    if (refusal?.success === true) {
      socket.close(`Alpaca refuses the stream: ${refusal.data.slice(0, 300)}`);
      return;
    }
    const frame = streamFrameSchema.safeParse(message);
    if (!frame.success) return;
    const { stream, data } = frame.data;
    if (stream === 'authorization') onAuthorization(data);
    else if (stream === 'listening') onListening(data);
    else if (stream === 'trade_updates') {
      const update = tradeUpdateSchema.safeParse(data);
      // What cannot be read may be a fill: a new connection asks REST for all of it.
      if (update.success) onUpdate(update.data);
      else if (!foreignUpdateSchema.safeParse(data).success)
        socket.close('Alpaca sent a trade update that cannot be read');
    }
  };
  const socket = createSocket({
    ...{ clock, url: parts.url, onHeard: parts.onHeard, onMessage },
    onDown: (why) => {
      stopTimer();
      fail(why);
      parts.onDown(why);
    },
  });
  return {
    open: async () => {
      await socket.open();
      await new Promise<void>((resolve, reject) => {
        settle = resolve;
        fail = (why) => reject(new Error(why));
        stopTimer = clock.after(LOGON_MS, () => socket.close('Alpaca did not answer the logon of the stream'));
        socket.send({ action: 'authenticate', data: { key_id: keys.keyId, secret_key: keys.secretKey } });
      });
    },
    close: socket.close,
  };
}
