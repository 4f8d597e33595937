import type { Instrument } from '#shared/domain/instrument.ts';
import { type EpochMs, MONEY_PER_USD } from '#shared/units.ts';
import type { Broker, BrokerCapabilities, BrokerEvent, BrokerSnapshot, CancelOutcome } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import { createConnectionLog } from '#desk/adapters/connection-log.ts';
import { createVenueTimes } from '#desk/adapters/venue-times.ts';
import { paperMargin } from './margins.ts';
import { type Session, type SessionParts, createSession } from './paper-session.ts';
import type { VenueLink } from './paper-wire.ts';

export type LinkedBrokerOptions = {
  readonly clock: Clock;
  readonly account: string;
  readonly instruments: readonly Instrument[];
  readonly link: VenueLink;
  /** In process, one look proves absence. Over a link that delays and loses: 2 looks, 10 s apart. */
  readonly absence: BrokerCapabilities['absence'];
  /** An answer later than this is none: the outcome is unknown. Default 5 s. */
  readonly answerTimeoutMs?: number;
  /** Asks for a sign of life this often, and hangs up after two periods without any; null: never (the default). */
  readonly heartbeatMs?: number | null;
};

const ANSWER_TIMEOUT_MS = 5_000;
const NOT_CONNECTED = 'the paper broker is not connected';

/** Answers for which there is no link: what was asked for was not sent, and nothing is known of what it was about. */
const notSent: CancelOutcome = { kind: 'unknown', why: `${NOT_CONNECTED}: nothing was sent` };

/** A snapshot that knows nothing: it is not complete, and so never read as "nothing there". */
const nothingKnown = (at: EpochMs): BrokerSnapshot => ({
  ...{ isComplete: false, at, orders: [], completed: [], fills: [], positions: [] },
});

/**
 * Makes the broker's side of the paper venue over a link. While it is not connected, a submit is rejected (nothing was
 * sent), a cancel or replace is unknown, a find cannot tell and a snapshot is not complete. When the link drops, what
 * was asked and not answered is unknown, and a snapshot throws; `connect` opens a new session. Events of the time between are not told again: they are
 * in the next snapshot.
 */
export function createLinkedBroker(options: LinkedBrokerOptions): Broker {
  const { clock, link, account } = options;
  const instruments = new Map(options.instruments.map((instrument) => [instrument.symbol, instrument]));
  const identity = { id: 'broker:paper', kind: 'broker', name: 'Paper broker' } as const;
  const log = createConnectionLog(identity, () => clock.monotonic());
  const listeners = new Set<(event: BrokerEvent) => void>();
  const times = createVenueTimes(clock);
  let session: Session | null = null;
  const parts: Omit<SessionParts, 'onDown'> = {
    ...{ clock, link, log, times, answerTimeoutMs: options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS },
    heartbeatMs: options.heartbeatMs ?? null,
    onEvent: (event) => {
      for (const listener of listeners) listener(event);
    },
  };
  const standing = (): Session | null => (session?.isLive() === true ? session : null);

  const change = async (request: Parameters<Session['ask']>[0]): Promise<CancelOutcome> => {
    const answer = await (standing()?.ask(request) ?? null);
    if (answer === null) return notSent;
    if (answer.kind === 'changed') return answer.outcome;
    return { kind: 'unknown', why: answer.kind === 'failed' ? answer.why : `the venue answered "${answer.kind}"` };
  };

  return {
    venue: 'paper',
    account,
    capabilities: { brackets: 'native', replace: true, absence: options.absence },
    connect: async (signal) => {
      if (signal.aborted) throw new Error('connect: aborted', { cause: signal.reason });
      if (standing() !== null) return;
      session?.close('a new connection was asked for');
      const opened = createSession(parts);
      session = opened;
      await opened.logOn(signal);
    },
    snapshot: async (since, signal) => {
      if (signal.aborted) throw new Error('snapshot: aborted', { cause: signal.reason });
      const asked = standing()?.ask({ kind: 'snapshot', since });
      if (asked === undefined) return nothingKnown(clock.now());
      const answer = await asked;
      if (answer.kind === 'holdings') return answer.snapshot;
      throw new Error(answer.kind === 'failed' ? answer.why : `the venue answered "${answer.kind}"`);
    },
    submit: async (group) => {
      const asked = standing()?.ask({ kind: 'submit', group });
      if (asked === undefined) return { kind: 'rejected', reason: NOT_CONNECTED };
      const answer = await asked;
      if (answer.kind === 'submitted') return answer.outcome;
      return { kind: 'unknown', why: answer.kind === 'failed' ? answer.why : `the venue answered "${answer.kind}"` };
    },
    cancel: ({ clientOrderId }) => change({ kind: 'cancel', clientOrderId }),
    replace: ({ clientOrderId }, { quantity, price }) => change({ kind: 'replace', clientOrderId, quantity, price }),
    cancelExternal: (venueOrderId) => change({ kind: 'cancel-external', venueOrderId }),
    find: async (clientOrderId) => {
      const asked = standing()?.ask({ kind: 'find', clientOrderId });
      if (asked === undefined) return { kind: 'cannot-tell', why: NOT_CONNECTED };
      const answer = await asked;
      if (answer.kind === 'looked-up') return answer.answer;
      return { kind: 'cannot-tell', why: answer.kind === 'failed' ? answer.why : 'the venue answered something else' };
    },
    definition: (symbol) => {
      const instrument = instruments.get(symbol);
      if (instrument === undefined) return null;
      return { tickSize: instrument.tickSize, tickValueUsd: instrument.tickValue / MONEY_PER_USD };
    },
    initialMargin: (symbol) => {
      const instrument = instruments.get(symbol);
      return instrument === undefined ? null : paperMargin(instrument);
    },
    venueTime: () => times.current(),
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    connection: log.current,
    onConnection: log.onChange,
    close: () => {
      session?.close('Closed by the desk.');
      session = null;
      log.set('disconnected', 'Closed by the desk.');
      return Promise.resolve();
    },
  };
}
