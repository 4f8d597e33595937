import type { BrokerEvent } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { EpochMs } from '#shared/units.ts';
import type { ConnectionLog } from '#desk/adapters/connection-log.ts';
import type { VenueTimes } from '#desk/adapters/venue-times.ts';
import type { VenueAnswer, VenueFrame, VenueLink, VenueRequest } from './paper-wire.ts';

export type SessionParts = {
  readonly clock: Clock;
  readonly link: VenueLink;
  readonly log: ConnectionLog;
  readonly times: VenueTimes;
  readonly answerTimeoutMs: number;
  readonly heartbeatMs: number | null;
  readonly onEvent: (event: BrokerEvent) => void;
};

/** One connection: from a logon to the first silence, drop or hang-up. */
export interface Session {
  readonly isLive: () => boolean;
  /** Opens the wire and logs on. Rejects when the venue refuses, does not answer, or the signal is aborted. */
  readonly logOn: (signal: AbortSignal) => Promise<void>;
  /** Asks, and resolves with the answer; without one in time, or when the wire drops, with `failed`. Never rejects. */
  readonly ask: (request: VenueRequest) => Promise<VenueAnswer>;
  readonly close: (why: string) => void;
}

type Pending = { readonly settle: (answer: VenueAnswer) => void; readonly askedAt: number };

const seconds = (ms: number): string => `${ms / 1_000} s`;

/** Makes a session that is not connected yet. */
export function createSession(parts: SessionParts): Session {
  const { clock, log, times } = parts;
  const pending = new Map<number, Pending>();
  let state: 'new' | 'logging-on' | 'live' | 'over' = 'new';
  let endedWhy = '';
  let count = 0;
  let heardAt = clock.monotonic();
  let stopHeartbeat: () => void = () => undefined;
  let hangUp: () => void = () => undefined;
  let send: (id: number, request: VenueRequest) => void = () => undefined;

  const finish = (why: string): void => {
    if (state === 'over') return;
    state = 'over';
    endedWhy = why;
    stopHeartbeat();
    hangUp();
    log.set('disconnected', why);
    for (const { settle } of [...pending.values()]) settle({ kind: 'failed', why });
  };
  const onFrame = (frame: VenueFrame): void => {
    if (state === 'over') return;
    const now = clock.now();
    heardAt = clock.monotonic();
    const asked = frame.kind === 'answer' ? pending.get(frame.to) : undefined;
    log.heard(now, asked === undefined ? null : heardAt - asked.askedAt);
    if (asked !== undefined && frame.kind === 'answer' && frame.answer.kind === 'alive')
      times.read({ at: frame.answer.at, askedAt: asked.askedAt });
    // Live from the instant of the venue's yes, so that no event falls between.
    if (state === 'logging-on' && frame.kind === 'answer' && frame.answer.kind === 'alive') goLive();
    if (frame.kind === 'answer') asked?.settle(frame.answer);
    // What happened before the logon was answered is in the snapshot that follows it.
    else if (state === 'live') parts.onEvent(frame.event.kind === 'fill' ? received(frame.event, now) : frame.event);
  };
  const ask: Session['ask'] = (request) => {
    if (state === 'over') return Promise.resolve({ kind: 'failed', why: endedWhy });
    return new Promise((resolve) => {
      count += 1;
      const id = count;
      let stopTimer: () => void = () => undefined;
      const settle = (answer: VenueAnswer): void => {
        pending.delete(id);
        stopTimer();
        resolve(answer);
      };
      pending.set(id, { settle, askedAt: clock.monotonic() });
      send(id, request);
      if (!pending.has(id)) return;
      const why = `no answer to "${request.kind}" within ${seconds(parts.answerTimeoutMs)}`;
      stopTimer = clock.after(parts.answerTimeoutMs, () => settle({ kind: 'failed', why }));
    });
  };
  const beat = (periodMs: number): void => {
    const silentMs = clock.monotonic() - heardAt;
    if (silentMs >= 2 * periodMs) finish(`nothing was heard for ${seconds(silentMs)}`);
    else void ask({ kind: 'heartbeat' });
  };

  const goLive = (): void => {
    state = 'live';
    log.set('live', null);
    const { heartbeatMs } = parts;
    if (heartbeatMs !== null) stopHeartbeat = clock.every(heartbeatMs, () => beat(heartbeatMs));
  };
  const openWire = (): void => {
    const wire = parts.link.open({ onFrame, onDown: finish });
    hangUp = wire.close;
    send = (id, request) => wire.send({ id, request });
  };

  return {
    isLive: () => state === 'live',
    logOn: async (signal) => {
      state = 'logging-on';
      log.set('connecting', null);
      times.forget();
      const giveUp = (): void => finish('the connection attempt was given up');
      signal.addEventListener('abort', giveUp, { once: true });
      openWire();
      const answer = await ask({ kind: 'logon' });
      signal.removeEventListener('abort', giveUp);
      if (answer.kind === 'alive') return;
      const why = answer.kind === 'failed' ? answer.why : `the venue answered the logon with "${answer.kind}"`;
      finish(why);
      throw new Error(`the paper broker did not connect: ${why}`);
    },
    ask,
    close: finish,
  };
}

/** A fill as this broker saw it. */
const received = (event: Extract<BrokerEvent, { kind: 'fill' }>, receivedAt: EpochMs): BrokerEvent => ({
  ...event,
  fill: { ...event.fill, receivedAt },
});
