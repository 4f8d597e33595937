import { DeskError } from '#shared/contract/errors.ts';
import { type EpochMs, epochMs, ticks } from '#shared/units.ts';
import { createLinkedBroker } from '#desk/adapters/brokers/paper-broker.ts';
import type { VenueFrame } from '#desk/adapters/brokers/paper-wire.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import type { MarketEvent } from '#desk/ports/market-data.ts';
import { createClock, createIds } from '#desk/profiles/clocks.ts';
import { type Opinions, startRigDesk } from './desk.ts';
import { CONFIG, EQUITY, INSTRUMENTS } from './setup.ts';
import { createTcpLink } from './tcp-wire.ts';

const QUOTE_MS = 250;
const MINUTE_MS = 60_000;
const HALF_RANGE = 750;
const HEARTBEAT_MS = 300;
const [NQ = ''] = INSTRUMENTS.keys();

/** Moments in the life of a first order, right after each of them. */
export type CrashPoint = 'intent' | 'send-attempt' | 'bytes' | 'ack' | 'fill';

export type DeskSetup = {
  readonly port: number;
  readonly path: string;
  readonly account: string;
  readonly offsetMs: number;
  readonly bids: Readonly<Record<string, number>>;
  /** Whether absence can be proven at this venue. */
  readonly canProve: boolean;
  /** How often the desk asks for a sign of life; it hangs up after two that do not come. */
  readonly heartbeatMs?: number;
};

/** What a desk says of itself. */
export type DeskReport = {
  readonly orders: readonly { readonly id: string; readonly life: string; readonly certainty: string }[];
  /** Newest first; ended ones too. */
  readonly all: readonly {
    readonly id: string;
    readonly role: string;
    readonly life: string;
    readonly filled: number;
  }[];
  readonly positions: readonly { readonly symbol: string; readonly quantity: number; readonly isProtected: boolean }[];
  readonly notices: readonly string[];
  readonly brokerState: string;
  readonly differences: readonly string[];
  readonly trading: string;
};

/** A desk on the machine's time: real journal on disk, real assembly, a broker over TCP to a venue elsewhere. */
export type LiveDesk = {
  /** Resolves when it has connected and compared, or could not. */
  readonly started: Promise<void>;
  /** Has a signal, and approves what is proposed. */
  readonly approve: () => Promise<void>;
  readonly flatten: () => Promise<void>;
  readonly report: () => DeskReport;
  readonly stop: () => void;
};

const idle = (): void => undefined;
/** A trader whose click may be refused. */
async function forgiving(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
  }
}

/** Starts a desk. `at` is called at each point, before anything else happens. */
export function startLiveDesk(setup: DeskSetup, at: (point: CrashPoint) => void = idle): LiveDesk {
  const clock = createClock(epochMs(Date.now() + setup.offsetMs), setup.offsetMs);
  clock.goLive();
  const heartbeatMs = setup.heartbeatMs ?? HEARTBEAT_MS;
  const broker = createLinkedBroker({
    ...{ clock, account: setup.account, instruments: [...INSTRUMENTS.values()] },
    link: createTcpLink({
      port: setup.port,
      onSent: (kind) => {
        if (kind === 'submit') at('bytes');
      },
      onHeard: (frame: VenueFrame) => {
        if (frame.kind === 'answer' && frame.answer.kind === 'submitted') at('ack');
        if (frame.kind === 'event' && frame.event.kind === 'fill') at('fill');
      },
    }),
    absence: setup.canProve ? { looks: 2, apartMs: 300 } : null,
    ...{ answerTimeoutMs: 2 * heartbeatMs, heartbeatMs },
  });
  const written = (event: JournalEvent): void => {
    if (event.kind === 'intent') at('intent');
    if (event.kind === 'order' && event.event.kind === 'send-attempt') at('send-attempt');
  };
  const watched = (journal: SqliteJournal): SqliteJournal => ({
    ...journal,
    append: (events) => {
      const stored = journal.append(events);
      for (const { event } of events) written(event);
      return stored;
    },
  });
  const listeners: ((event: MarketEvent) => void)[] = [];
  const opinions: Opinions = new Map();
  const desk = startRigDesk({
    rig: {
      newNearEnd: () => ({
        clock: { ...clock, kill: () => clock.stop(), jump: idle, sleep: idle, wake: idle },
        ...{ ids: createIds(clock), broker, kill: () => clock.stop() },
      }),
      feed: { onEvent: (listener) => void listeners.push(listener) },
    },
    ...{ path: setup.path, instruments: INSTRUMENTS, initialEquity: EQUITY, opinions, config: CONFIG },
    ...{ onSubmit: idle, journal: watched },
  });
  const { book, execution, pipeline, ledger } = desk.assembly;
  const each = (make: (symbol: string, bid: number, now: EpochMs) => MarketEvent): void => {
    for (const [symbol, bid] of Object.entries(setup.bids))
      for (const listener of listeners) listener(make(symbol, bid, clock.now()));
  };
  each(barEvent);
  each(quoteEvent);
  clock.every(QUOTE_MS, () => each(quoteEvent));
  return {
    started: desk.started,
    approve: async () => {
      opinions.set(NQ, { direction: 1, confidence: 0.85 });
      each(barEvent);
      each(quoteEvent);
      for (const { id, state, decision } of await pipeline.evaluate([NQ])) {
        if (state !== 'proposed') continue;
        await forgiving(() => pipeline.approve({ id, contracts: decision.contracts, reason: null }, 'trader'));
      }
    },
    flatten: () => forgiving(() => execution.flatten(NQ)),
    report: () => ({
      orders: book.orders().map((o) => ({ id: o.clientOrderId, life: o.life, certainty: o.certainty.kind })),
      all: desk.journal
        .orders({ limit: 12 })
        .map(({ clientOrderId, role, life, filled }) => ({ id: clientOrderId, role, life, filled })),
      positions: book
        .positions()
        .map(({ symbol, quantity, riskAtStop }) => ({ symbol, quantity, isProtected: riskAtStop !== null })),
      notices: desk.notices.all().map(({ id }) => id),
      brokerState: execution.brokerState(),
      differences: execution.view().reconciliation.differences.map(({ id }) => id),
      trading: ledger.state().state,
    }),
    stop: () => {
      execution.stop();
      void broker.close();
      desk.crash();
    },
  };
}

function quoteEvent(symbol: string, bid: number, now: EpochMs): MarketEvent {
  const [last, ask] = [ticks(bid), ticks(bid + 1)];
  return { kind: 'quote', quote: { symbol, bid: last, ask, last, asOf: now, receivedAt: now } };
}

/** The minute that has just ended. */
function barEvent(symbol: string, bid: number, now: EpochMs): MarketEvent {
  const closeAt = epochMs(Math.floor(now / MINUTE_MS) * MINUTE_MS);
  const [open, high, low] = [ticks(bid), ticks(bid + HALF_RANGE), ticks(bid - HALF_RANGE)];
  const openAt = epochMs(closeAt - MINUTE_MS);
  return {
    kind: 'bar',
    bar: { symbol, timeframe: '1m', openAt, closeAt, open, high, low, close: open, volume: 1_000 },
  };
}
