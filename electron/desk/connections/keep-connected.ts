import type { Connection } from '#shared/domain/status.ts';
import type { Clock, Ids } from '#desk/ports/clock.ts';
import type { Notices } from '#desk/records/notices.ts';

const FIRST_MS = 500;
/** However the chances fall: at most four attempts a second. */
const SHORTEST_MS = 250;
const LONGEST_MS = 30_000;
/** A connection that stood this long was a good one: the next attempt does not wait as if it were one of many. */
const HEALTHY_MS = 60_000;

/** Crockford's letters of an id, as the digits of a number to base 32. */
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const digitOf = (letter: string): string => CROCKFORD.indexOf(letter).toString(32);

/** Something that can be connected, and says when it no longer is. */
export type Link = {
  connect(signal: AbortSignal): Promise<void>;
  connection(): Connection;
  onConnection(listener: (connection: Connection) => void): () => void;
};

/** Keeps one link connected: tries again with growing waits, as long as the desk is open. */
export interface Connector {
  /** Resolves when the link is logged on, or the first attempt has failed; further ones go on by themselves. */
  connect(signal: AbortSignal): Promise<boolean>;
  stop(): void;
}

export type ConnectorParts = {
  readonly link: Link;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly notices: Pick<Notices, 'raise' | 'clear'>;
  /** What the trader is told while the link cannot be reached. */
  readonly notice: { readonly id: string; readonly title: string; readonly remedy: string };
  /** Waits until a new connection may be made; left out: at once. */
  readonly admit?: ((signal: AbortSignal) => Promise<void>) | undefined;
};

/** Returns the connector of one link. What a new connection must be followed by is its listeners' business. */
export function keepConnected(parts: ConnectorParts): Connector {
  const { link, clock, ids, notices, notice } = parts;
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
      await parts.admit?.(signal);
      await link.connect(signal);
      if (link.connection().state === 'disconnected') return false;
      liveSince = clock.now();
      notices.clear(notice.id);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const detail = error instanceof Error ? error.message : 'the connection could not be made';
      notices.raise({ id: notice.id, level: 'error', title: notice.title, detail, remedy: notice.remedy });
      return false;
    } finally {
      isTrying = false;
    }
  };
  /** A share of the wait, another for each line and attempt: what lost a venue together must not come back together. */
  const jitter = (): number => Number.parseInt(Array.from(ids.next().slice(-6), digitOf).join(''), 32) / 32 ** 6;
  const tryAgain = async (): Promise<void> => {
    if (link.connection().state !== 'disconnected') return;
    if (!(await attempt(abort.signal))) retryLater();
  };
  const retryLater = (): void => {
    if (abort.signal.aborted || !isWanted) return;
    if (liveSince !== null && clock.now() - liveSince >= HEALTHY_MS) attempts = 0;
    liveSince = null;
    cancelRetry();
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts, 10));
    const delay = Math.max(SHORTEST_MS, Math.ceil(longest * jitter()));
    attempts += 1;
    cancelRetry = clock.after(delay, () => void tryAgain());
  };
  const stopListening = link.onConnection(({ state }) => {
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
