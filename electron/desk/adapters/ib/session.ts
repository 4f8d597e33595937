import { EventName, IBApi } from './library.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { VenueTimes } from '#desk/adapters/venue-times.ts';
import { classOf, newPortOf, sentenceOf } from './error.ts';
import { guardFrames } from './frame-guard.ts';
import { createPacer, type Pacer } from './pacing.ts';

/** What TWS said when it let us in. */
export type Hello = {
  readonly accounts: readonly string[];
  readonly nextId: number;
  readonly serverVersion: number;
  /** TWS's own clock and zone, as it writes them. */
  readonly serverTime: string;
};

/** A word of TWS that belongs to no request (`id` −1), or to the request or order `id`. */
export type IbNote = { readonly id: number; readonly code: number; readonly text: string };

export type SessionParts = {
  readonly clock: Clock;
  readonly host: string;
  readonly port: number;
  readonly clientId: number;
  /** Any message came in; `latencyMs` where it answers the watchdog's question. */
  readonly onHeard: (at: EpochMs, latencyMs: number | null) => void;
  readonly onNote: (note: IbNote) => void;
  /** Told TWS's clock, in whole seconds, as it answers the watchdog. */
  readonly times: Pick<VenueTimes, 'read' | 'forget'>;
  /** The connection has ended, once, whoever ended it. `newPort` where TWS named one. */
  readonly onDown: (why: string, newPort: number | null) => void;
};

/** One connection: a library instance of its own, from the first byte to the end, never used again. */
export interface IbSession {
  readonly api: IBApi;
  /** Connects and waits for the next order id and the accounts. Rejects with a sentence. */
  readonly open: (signal: AbortSignal) => Promise<Hello>;
  readonly isOpen: () => boolean;
  /** Sends as the pacing allows; nothing once the connection has ended. */
  readonly send: Pacer['send'];
  /** A number for one request, never the same twice in this session. */
  readonly nextRequestId: () => number;
  readonly close: (why: string) => void;
}

const HELLO_TIMEOUT_MS = 10_000;
/** The watchdog asks for the time this often, and hangs up after two periods without any message. */
export const WATCHDOG_MS = 5_000;
/** The id of what TWS says of itself, and of no request. */
const SYSTEM = -1;
/** Above every order id of a life: TWS routes errors by one number space for orders and requests. */
const FIRST_REQUEST_ID = 1_000_000_000;
/** The library's own pacing must never hold anything: what it holds it would send late. */
const LIBRARY_RATE = 10_000;

type State = 'new' | 'opening' | 'open' | 'over';

/** Makes a session that is not connected yet. */
export function createIbSession(parts: SessionParts): IbSession {
  const { clock, host, port, clientId } = parts;
  const api = new IBApi({ host, port, maxReqPerSec: LIBRARY_RATE });
  const pacer = createPacer(clock);
  const where = `${host}:${port}`;
  let state: State = 'new';
  let heardAt = clock.monotonic();
  let askedAt: number | null = null;
  let requests = FIRST_REQUEST_ID;
  let stopWatchdog: () => void = () => undefined;
  let refuse: (why: string) => void = () => undefined;
  let greeting: Partial<Hello> = {};
  let lastWord: string | null = null;

  const finish = (why: string, newPort: number | null = null): void => {
    if (state === 'over') return;
    const wasOpening = state === 'opening';
    state = 'over';
    stopWatchdog();
    // Nothing that waits here or in the library may ever leave: the instance is thrown away with all it holds.
    pacer.clear();
    api.removeAllListeners();
    // A late error of the socket must find a listener.
    api.on(EventName.error, () => undefined);
    api.disconnect();
    if (wasOpening) refuse(why);
    parts.onDown(why, newPort);
  };

  const note = (id: number, code: number, text: string): void => {
    const kind = classOf(code, text);
    // Later on the library uses the same codes for a single request that the version of TWS does not know.
    const isFatal = kind === 'cannot-connect' && state === 'opening';
    if (isFatal) lastWord = connectFault(where, code, text);
    if (kind === 'client-id-in-use') {
      finish(`${sentenceOf(code, '')} Close it, or give it another number than ${clientId}.`);
      return;
    }
    if (kind === 'port-reset') {
      finish(sentenceOf(code, text), newPortOf(text));
      return;
    }
    parts.onNote({ id, code, text });
    if (isFatal) finish(lastWord ?? sentenceOf(code, text));
  };
  const endedWhy = (): string => {
    if (state === 'open') return 'TWS closed the connection.';
    return (
      lastWord ??
      `TWS at ${where} closed the connection at once. Allow 127.0.0.1 under "Trusted IPs" in its API settings.`
    );
  };

  const heard = (): void => {
    heardAt = clock.monotonic();
    parts.onHeard(clock.now(), null);
  };
  const listen = (): void => {
    api.on(EventName.received, heard);
    api.on(EventName.error, (error, code, id) => note(id, code, error.message));
    api.on(EventName.info, (text, code) => note(SYSTEM, code, text));
    api.on(EventName.disconnected, () => finish(endedWhy()));
    api.on(EventName.currentTime, (seconds) => {
      const asked = askedAt;
      if (asked === null || !Number.isSafeInteger(seconds)) return;
      askedAt = null;
      parts.onHeard(clock.now(), clock.monotonic() - asked);
      parts.times.read({ at: epochMs(seconds * 1_000), askedAt: asked, stepMs: 1_000 });
    });
  };
  const ask = (): void => {
    askedAt ??= clock.monotonic();
    pacer.send(() => void api.reqCurrentTime(), { messages: 1, isUrgent: true });
  };
  const watch = (): void => {
    stopWatchdog = clock.every(WATCHDOG_MS, () => {
      const silentMs = clock.monotonic() - heardAt;
      if (silentMs >= 2 * WATCHDOG_MS) finish(`nothing was heard from TWS for ${Math.round(silentMs / 1_000)} s`);
      else ask();
    });
    ask();
  };

  const greet = (settle: (hello: Hello) => void): void => {
    const take = (more: Partial<Hello>): void => {
      greeting = { ...greeting, ...more };
      const { accounts, nextId } = greeting;
      if (state !== 'opening' || accounts === undefined || nextId === undefined) return;
      state = 'open';
      watch();
      settle({ accounts, nextId, serverVersion: greeting.serverVersion ?? 0, serverTime: greeting.serverTime ?? '' });
    };
    api.on(EventName.server, (serverVersion, serverTime) => take({ serverVersion, serverTime }));
    api.on(EventName.managedAccounts, (list) =>
      take({
        accounts: list
          .split(',')
          .map((account) => account.trim())
          .filter((account) => account !== ''),
      }),
    );
    // The first one opens the door; those that follow answer nobody.
    api.on(EventName.nextValidId, (nextId) => take({ nextId }));
  };
  const silence = (): string => {
    if (greeting.serverVersion === undefined)
      return `something listens at ${where} and does not answer as TWS does. TWS may be showing a question: look at it.`;
    return `TWS at ${where} answered and did not name its accounts within ${HELLO_TIMEOUT_MS / 1_000} s.`;
  };

  return {
    api,
    open: (signal) => {
      state = 'opening';
      parts.times.forget();
      heardAt = clock.monotonic();
      return new Promise((resolve, reject) => {
        const giveUp = (): void => finish('the connection attempt was given up');
        const stopTimer = clock.after(HELLO_TIMEOUT_MS, () => finish(silence()));
        const done = (): void => {
          stopTimer();
          signal.removeEventListener('abort', giveUp);
        };
        refuse = (why) => {
          done();
          reject(new Error(why));
        };
        listen();
        greet((hello) => {
          done();
          resolve(hello);
        });
        guardFrames(api, finish);
        signal.addEventListener('abort', giveUp, { once: true });
        if (signal.aborted) giveUp();
        else api.connect(clientId);
      });
    },
    isOpen: () => state === 'open',
    send: (task, how) => {
      if (state !== 'open') return;
      pacer.send(() => {
        if (state === 'open') task();
      }, how);
    },
    nextRequestId: () => (requests += 1),
    close: finish,
  };
}

function connectFault(where: string, code: number, text: string): string {
  if (code !== 502) return sentenceOf(code, text);
  return `TWS or IB Gateway does not answer at ${where} (${text}). Is it running and logged on, and is "Enable ActiveX and Socket Clients" checked in its API settings?`;
}

/** Makes one attempt to connect: given up with the signal, and closed with a sentence when it fails. */
export async function attempt(
  signal: AbortSignal,
  line: { readonly open: (signal: AbortSignal) => Promise<void>; readonly close: (why: string) => void },
): Promise<void> {
  const giveUp = (): void => line.close('the connection attempt was given up');
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await line.open(signal);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'TWS could not be connected';
    line.close(why);
    throw new Error(why, { cause: error });
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
