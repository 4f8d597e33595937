import { type ExecutionContext, inBackground } from './context.ts';

const FIRST_MS = 500;
/** However the chances fall: at most four attempts a second. */
const SHORTEST_MS = 250;
const LONGEST_MS = 30_000;
/** A connection that stood this long was a good one: the next attempt does not wait as if it were one of many. */
const HEALTHY_MS = 60_000;

/** Crockford's letters of an id, as the digits of a number to base 32. */
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const digitOf = (letter: string): string => CROCKFORD.indexOf(letter).toString(32);

/** Keeps the broker connected: tries again with growing waits, as long as the desk is open. */
export interface Connector {
  /** Resolves when the broker is logged on, or the first attempt has failed; further ones go on by themselves. */
  connect(signal: AbortSignal): Promise<boolean>;
  stop(): void;
}

/** Returns the connector of one broker. What a new connection must be followed by is its listeners' business. */
export function createConnector(context: ExecutionContext): Connector {
  const { broker, clock, ids, notices } = context;
  const abort = new AbortController();
  let attempts = 0;
  let liveSince: number | null = null;
  let cancelRetry: () => void = () => undefined;
  let isTrying = false;
  let isWanted = false;

  const attempt = async (signal: AbortSignal): Promise<boolean> => {
    if (isTrying) return false;
    isTrying = true;
    try {
      await broker.connect(signal);
      if (broker.connection().state === 'disconnected') return false;
      liveSince = clock.now();
      notices.clear('broker-connection');
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      notices.raise({
        id: 'broker-connection',
        level: 'error',
        title: 'The broker cannot be reached; no entries',
        detail: error instanceof Error ? error.message : 'the connection could not be made',
        remedy: 'The desk goes on trying. Orders at the broker work without it; stops that this desk sends do not.',
      });
      return false;
    } finally {
      isTrying = false;
    }
  };
  /** A share of the wait, another for each line and attempt: what lost a venue together must not come back together. */
  const jitter = (): number => Number.parseInt(Array.from(ids.next().slice(-6), digitOf).join(''), 32) / 32 ** 6;
  const retryLater = (): void => {
    if (abort.signal.aborted || !isWanted) return;
    if (liveSince !== null && clock.now() - liveSince >= HEALTHY_MS) attempts = 0;
    liveSince = null;
    cancelRetry();
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts, 10));
    const delay = Math.max(SHORTEST_MS, Math.ceil(longest * jitter()));
    attempts += 1;
    cancelRetry = clock.after(delay, () =>
      inBackground(context, async () => {
        if (broker.connection().state !== 'disconnected') return;
        if (!(await attempt(abort.signal))) retryLater();
      }),
    );
  };
  const stopListening = broker.onConnection(({ state }) => {
    // An attempt that fails says so itself.
    if (state === 'disconnected' && !isTrying) retryLater();
  });

  return {
    connect: async (signal) => {
      isWanted = true;
      const isConnected = await attempt(AbortSignal.any([signal, abort.signal]));
      if (!isConnected) retryLater();
      return isConnected;
    },
    stop: () => {
      isWanted = false;
      stopListening();
      cancelRetry();
      abort.abort();
    },
  };
}
