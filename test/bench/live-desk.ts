import { join } from 'node:path';
import { createPaperBroker } from '#desk/adapters/brokers/paper.ts';
import { assemble, type Assembly } from '#desk/assembly.ts';
import { createEventStream } from '#desk/door/event-stream.ts';
import { PRESETS } from '#desk/engine/config.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { DEFAULT_RISK_LIMITS, RISK_BOUNDS } from '#desk/engine/risk-limits.ts';
import { createExecutionHandlers } from '#desk/execution-handlers.ts';
import { LOG_ROOM_BYTES } from '#desk/journal/log-room.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';
import { createClock, createIds, type DeskClock } from '#desk/profiles/clocks.ts';
import { continuousInstrument } from '#desk/profiles/instruments.ts';
import { DEFAULT_PLANNING } from '#desk/profiles/settings.ts';
import { createNotices } from '#desk/records/notices.ts';
import type { Door } from '#desk/serve.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar, Quote } from '#shared/domain/market.ts';
import type { ModelId } from '#shared/domain/prediction.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { epochMs, moneyFromUsd, ticks } from '#shared/units.ts';
import { createTestDesk } from '#test/support/test-desk.ts';
import { DAY_MS, journalWithTrades, mustOpen, someTrades } from './fixtures.ts';

/**
 * A whole desk for a bench: engine, rules, a journal on disk under synchronous FULL, the paper broker, and the door that
 * shells use. Its models answer at once what they are told to, so that what is measured begins with a prediction.
 */
export type LiveDesk = {
  readonly door: Door;
  readonly symbols: readonly string[];
  readonly assembly: Assembly;
  readonly journal: SqliteJournal;
  /** Prices and both predictions arrive for these: sized, at most at so many contracts, journaled and published. */
  predict(symbols: readonly string[], mostContracts: number): Promise<readonly Recommendation[]>;
  close(): void;
};

const ACCOUNT = 'BENCH';
const LEVEL = 20_000;
const MINUTE = 60_000;
const BARS = 60;
/** So much that Kelly and the limits of the account allow any number of contracts that a bench asks for. */
const EQUITY = moneyFromUsd(50_000_000_000);

/** A bench clicks faster than any trader. */
const LIMITS = { ...DEFAULT_RISK_LIMITS, maxOrdersPerMinute: RISK_BOUNDS.maxOrdersPerMinute.max };

function instruments(count: number): readonly Instrument[] {
  const model = continuousInstrument('NQ');
  if (model === null) throw new Error('the contract table has NQ');
  return Array.from({ length: count }, (_, i) => {
    const root = `Q${String(i).padStart(3, '0')}`;
    return { ...model, symbol: `${root}Z26-CME`, root, initialMargin: moneyFromUsd(20_000) };
  });
}

const barsOf = (symbol: string, until: number): readonly Bar[] =>
  Array.from({ length: BARS }, (_, i): Bar => {
    const openAt = epochMs(Math.floor(until / MINUTE - BARS + i) * MINUTE);
    const prices = { open: ticks(LEVEL), high: ticks(LEVEL + 20), low: ticks(LEVEL - 20), close: ticks(LEVEL) };
    return { symbol, timeframe: '1m', openAt, closeAt: epochMs(openAt + MINUTE), volume: 1_000, ...prices };
  });

function model(id: ModelId, clock: DeskClock): ForecastSource {
  const idle = { state: 'live', lastAt: null, latencyMs: null, uptime: 1, detail: null } as const;
  return {
    model: id,
    predict: ({ symbol }) =>
      Promise.resolve({
        ...({ model: id, symbol, state: 'ok', direction: 1, confidence: 0.7, latencyMs: 1, detail: null } as const),
        ...{ asOf: clock.now(), receivedAt: clock.now() },
        modelVersion: { name: id, version: '1', featureSchema: null, sha256: null },
      }),
    connection: () => ({ id: `model:${id}`, kind: 'model', name: id, ...idle }),
    onConnection: () => () => undefined,
    close: () => Promise.resolve(),
  };
}

function openJournal(folder: string, listed: readonly Instrument[], now: number): SqliteJournal {
  const path = join(folder, 'journal.db');
  journalWithTrades(path, someTrades(300, now - 29 * DAY_MS, epochMs(now)));
  const journal = mustOpen(path, LOG_ROOM_BYTES);
  const opening = {
    profile: 'simulation',
    mode: 'simulation',
    account: ACCOUNT,
    initialEquity: EQUITY,
    seed: 1,
  } as const;
  journal.append([
    { at: epochMs(now), event: { kind: 'opened', ...opening } },
    ...listed.map((instrument) => ({ at: epochMs(now), event: { kind: 'instrument', instrument } as const })),
  ]);
  journal.appendBars(listed.flatMap(({ symbol }) => barsOf(symbol, now)));
  return journal;
}

/** What the page is given of it at first; what this desk has no part of is the test desk's. */
function doorOf(assembly: Assembly, { journal, clock, listed, stream }: Parts): Door {
  const idle = createTestDesk();
  const { book, pipeline, recommendations, execution, recorder } = assembly;
  const still = idle.handlers['desk.snapshot']({});
  const handlers: Door['handlers'] = {
    ...idle.handlers,
    'desk.snapshot': async () => ({
      ...(await still),
      ...{ seq: stream.seq(), now: clock.now(), instruments: [...listed], notices: [], config: sizing(1) },
      ...{ recommendations: [...recommendations.current()], positions: [...book.positions()] },
      ...{ orders: [...book.orders()], quotes: [...book.quotes()], risk: pipeline.risk(), connections: [] },
      ...{ activity: [...recorder.activity()], execution: execution.view() },
      journal: { events: journal.lastSeq(), trades: journal.tradeCount({}), headHash: journal.headHash() },
    }),
    'recommendation.approve': ({ id, contracts, plan, reason }) =>
      pipeline.approve({ id, contracts, plan: plan ?? null, reason: reason ?? null }, 'trader'),
    ...createExecutionHandlers({
      ...{ execution, pipeline },
      instrumentOf: (symbol) => {
        const found = listed.find((one) => one.symbol === symbol);
        if (found === undefined) throw new Error(`no ${symbol}`);
        return found;
      },
    }),
  };
  return { handlers, stream };
}

type Parts = {
  readonly journal: SqliteJournal;
  readonly clock: DeskClock;
  readonly listed: readonly Instrument[];
  readonly stream: Door['stream'];
};

const sizing = (maxContracts: number) => ({
  ...PRESETS.conservative,
  ...{ maxContracts, calibrate: false, evidenceTrades: 0, multiplier: { mode: 'fixed', value: 0.5 } as const },
  ...{ expiryMs: 3_600_000, maxQuoteAgeMs: 3_600_000 },
});

/** Opens a desk on so many symbols, with a journal of its own in a folder. */
export async function openLiveDesk(folder: string, count: number): Promise<LiveDesk> {
  const clock = createClock(epochMs(Date.now()));
  clock.goLive();
  const listed = instruments(count);
  const journal = openJournal(folder, listed, clock.now());
  const stream = createEventStream();
  const prng = createPrng(1);
  const ids = createIds(clock, () => prng.nextDouble());
  const broker = createPaperBroker({
    ...{ account: ACCOUNT, clock, ids, instruments: listed, fillFrom: 'quotes', startingCash: EQUITY },
  });
  let config = sizing(1);
  const assembly = assemble({
    ...{ journal, clock, ids, broker, initialEquity: EQUITY, publish: stream.publish },
    notices: createNotices(clock, stream.publish),
    instruments: new Map(listed.map((one) => [one.symbol, one])),
    models: { lstm: model('lstm', clock), ensemble: model('ensemble', clock) },
    settings: () => ({ sizing: config, planning: DEFAULT_PLANNING, risk: LIMITS }),
    ...{ entries: () => 'limit' as const, timeframe: '1m', maxShadowBars: 240, entryBlock: () => null },
  });
  await assembly.execution.start(new AbortController().signal);
  const tell = (symbol: string, last: number): void => {
    const now = clock.now();
    const price = { bid: ticks(last), ask: ticks(last + 1), last: ticks(last) };
    const quote: Quote = { symbol, ...price, asOf: now, receivedAt: now };
    broker.onMarket({ kind: 'quote', quote });
    assembly.pipeline.onMarket({ kind: 'quote', quote });
  };
  let told = 0;
  return {
    ...{ assembly, journal, symbols: listed.map(({ symbol }) => symbol) },
    door: doorOf(assembly, { journal, clock, listed, stream }),
    predict: async (symbols, mostContracts) => {
      if (config.maxContracts !== mostContracts) config = sizing(mostContracts);
      told += 1;
      for (const symbol of symbols) tell(symbol, LEVEL + (told % 5));
      const made = await assembly.pipeline.evaluate(symbols);
      const missing = made.find(({ decision }) => decision.contracts !== mostContracts);
      if (missing !== undefined || made.length < symbols.length) {
        throw new Error(`a prediction was not sized as it should be: ${missing?.decision.status ?? 'none was made'}`);
      }
      return made;
    },
    close: () => {
      assembly.execution.stop();
      clock.stop();
      journal.close();
    },
  };
}
