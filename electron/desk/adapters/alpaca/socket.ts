import { WebSocket } from 'ws';
import type { Clock } from '#desk/ports/clock.ts';
import { jsonTexts } from './json-texts.ts';

export type SocketParts = {
  readonly clock: Clock;
  readonly url: string;
  /** One message, parsed; text and binary frames alike. */
  readonly onMessage: (message: unknown) => void;
  readonly onHeard: (latencyMs: number | null) => void;
  /** The connection has ended, once, whoever ended it. */
  readonly onDown: (why: string) => void;
};

/** One WebSocket, from its opening to its end, never used again. */
export interface Socket {
  /** Rejects with a sentence. */
  readonly open: () => Promise<void>;
  readonly send: (message: unknown) => void;
  readonly close: (why: string) => void;
}

const OPEN_MS = 10_000;
/** @source protocols.md 3.2 */
const PING_MS = 10_000;
const DEAD_MS = 30_000;
const MAX_MESSAGE_BYTES = 4_000_000;

/** Makes a socket that is not open yet. */
export function createSocket({ clock, url, onMessage, onHeard, onDown }: SocketParts): Socket {
  let socket: WebSocket | null = null;
  let isOver = false;
  let heardAt = clock.monotonic();
  let pingedAt: number | null = null;
  let stopTimers: (() => void)[] = [];
  let refuse: (why: string) => void = () => undefined;

  const finish = (why: string): void => {
    if (isOver) return;
    isOver = true;
    for (const stop of stopTimers) stop();
    stopTimers = [];
    socket?.terminate();
    refuse(why);
    onDown(why);
  };
  const heard = (): void => {
    heardAt = clock.monotonic();
  };
  const read = (data: unknown): void => {
    heard();
    onHeard(null);
    // What cannot be read ends the connection, since what was in it is lost: the next one asks REST for it.
    const messages = jsonTexts(textOf(data));
    if (messages === null) finish('Alpaca sent a message that is no JSON');
    for (const message of messages ?? []) if (!isOver) take(message);
  };
  const take = (message: unknown): void => {
    try {
      onMessage(message);
    } catch (cause) {
      finish(`Alpaca sent what cannot be taken: ${cause instanceof Error ? cause.message : 'unknown error'}`);
    }
  };
  const watch = (): void => {
    const stopPings = clock.every(PING_MS, () => {
      const silentMs = clock.monotonic() - heardAt;
      if (silentMs >= DEAD_MS) finish(`nothing was heard from Alpaca for ${Math.round(silentMs / 1_000)} s`);
      else {
        pingedAt = clock.monotonic();
        socket?.ping();
      }
    });
    stopTimers.push(stopPings);
  };
  const listen = (opened: WebSocket): void => {
    opened.on('message', read);
    opened.on('ping', heard);
    opened.on('pong', () => {
      heard();
      onHeard(pingedAt === null ? null : clock.monotonic() - pingedAt);
      pingedAt = null;
    });
    opened.on('error', (cause) => finish(`the stream of Alpaca failed: ${cause.message}`));
    opened.on('close', (code) => finish(`Alpaca closed the stream (${code})`));
  };
  return {
    open: () =>
      new Promise((resolve, reject) => {
        refuse = (why) => reject(new Error(why));
        const stopTimer = clock.after(OPEN_MS, () => finish('the stream of Alpaca did not open'));
        stopTimers.push(stopTimer);
        const opened = new WebSocket(url, { maxPayload: MAX_MESSAGE_BYTES, followRedirects: false });
        socket = opened;
        listen(opened);
        opened.once('open', () => {
          stopTimer();
          heard();
          watch();
          resolve();
        });
      }),
    send: (message) => {
      if (!isOver && socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    close: finish,
  };
}

function textOf(data: unknown): string {
  const bytes = Array.isArray(data) ? Buffer.concat(data as Buffer[]) : data;
  return bytes instanceof ArrayBuffer ? Buffer.from(bytes).toString('utf8') : String(bytes);
}
