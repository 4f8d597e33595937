import type { Connection, ConnectionState } from '#shared/domain/status.ts';
import type { EpochMs } from '#shared/units.ts';

/** Keeps one connection's state, latency and uptime, and tells listeners when what the trader sees changes. */
export interface ConnectionLog {
  readonly current: () => Connection;
  readonly onChange: (listener: (connection: Connection) => void) => () => void;
  /** A message came in at `at`; `latencyMs` is null where there was no question to answer. */
  readonly heard: (at: EpochMs, latencyMs: number | null) => void;
  readonly set: (state: ConnectionState, detail: string | null) => void;
}

/** Weight of the newest latency in the running mean: about the last ten answers. */
const LATENCY_WEIGHT = 0.2;

/**
 * Makes a connection log. Uptime is the share of time since the connection was first tried during which it was live.
 * @param monotonic the clock it is measured by, in ms: the machine's own, because the network is real even where the
 * desk's time is virtual; only a venue inside of this process goes by the desk's
 */
export function createConnectionLog(
  identity: Pick<Connection, 'id' | 'kind' | 'name'>,
  monotonic: () => number = () => performance.now(),
): ConnectionLog {
  const listeners = new Set<(connection: Connection) => void>();
  let state: ConnectionState = 'connecting';
  let detail: string | null = null;
  let lastAt: EpochMs | null = null;
  let latencyMs: number | null = null;
  let liveMs = 0;
  let liveSince: number | null = null;
  let triedAt: number | null = null;

  const uptime = (): number | null => {
    const now = monotonic();
    if (triedAt === null || now <= triedAt) return null;
    const total = now - triedAt;
    return Math.min(1, (liveMs + (liveSince === null ? 0 : now - liveSince)) / total);
  };
  const current = (): Connection => ({ ...identity, state, lastAt, latencyMs, uptime: uptime(), detail });
  return {
    current,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    heard: (at, latency) => {
      lastAt = at;
      if (latency === null) return;
      latencyMs = latencyMs === null ? latency : latencyMs + LATENCY_WEIGHT * (latency - latencyMs);
    },
    set: (next, nextDetail) => {
      const now = monotonic();
      // The first attempt counts from its beginning, though it changes nothing that is shown.
      triedAt ??= now;
      if (next === state && nextDetail === detail) return;
      if (next === 'live' && liveSince === null) liveSince = now;
      if (next !== 'live' && liveSince !== null) {
        liveMs += now - liveSince;
        liveSince = null;
      }
      state = next;
      detail = nextDetail;
      const connection = current();
      for (const listener of listeners) listener(connection);
    },
  };
}
