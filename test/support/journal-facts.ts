import fc from 'fast-check';
import { decide } from '#desk/engine/decide.ts';
import type { readTape } from '#desk/backtest/read-tape.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import type { Fill, Order, Trade } from '#shared/domain/order.ts';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import { exposure, nasdaq, prediction, referenceSample, snapshot, SNAPSHOT_NOW } from './snapshots.ts';

const HOUR = 3_600_000;
const MARKETS = [
  { symbol: 'NQZ26-CME', root: 'NQ', group: 'equity' },
  { symbol: 'ESZ26-CME', root: 'ES', group: 'equity' },
  { symbol: 'GCZ26-COMEX', root: 'GC', group: 'metals' },
] as const;

/** The facts of a small journal, each with the time it is dated: what a liar can change one by one. */
export type JournalFacts = {
  readonly decisions: readonly {
    readonly id: string;
    readonly at: number;
    readonly market: number;
    readonly confidence: number;
    readonly stop: number;
    readonly equityUsd: number;
    readonly last: number;
    readonly isShort: boolean;
    /** Above 0: settings, samples, calibration, models and watch of the snapshot are others than they were. */
    readonly lie?: number;
  }[];
  readonly words: readonly {
    readonly id: string;
    readonly at: number;
    readonly state: 'approved' | 'overridden' | 'rejected';
    readonly contracts: number;
  }[];
  readonly trades: readonly {
    readonly id: string;
    readonly market: number;
    readonly entryAt: number;
    readonly exitAt: number;
    readonly entryPrice: number;
    readonly quantity: number;
    readonly netUsd: number;
  }[];
  /** When the entry of a signal could fill no more. */
  readonly orders: readonly { readonly id: string; readonly endsAt: number }[];
  readonly outcomes: readonly { readonly id: string; readonly exitAt: number; readonly netUsd: number }[];
  readonly bars: readonly { readonly market: number; readonly closeAt: number; readonly close: number }[];
};

const fact = fc.record({
  gap: fc.constantFrom(0, 0, 1, 3, 9, 24),
  market: fc.nat(2),
  confidence: fc.double({ min: 0.61, max: 0.85, noNaN: true }),
  stop: fc.integer({ min: 8, max: 60 }),
  equityUsd: fc.integer({ min: 20_000, max: 200_000 }),
  drift: fc.integer({ min: -60, max: 60 }),
  isShort: fc.boolean(),
  word: fc.constantFrom('approved', 'approved', 'overridden', 'rejected', null),
  contracts: fc.integer({ min: 1, max: 5 }),
  wait: fc.integer({ min: 1, max: 90 }),
  held: fc.integer({ min: 1, max: 40 }),
  netUsd: fc.integer({ min: -900, max: 1_200 }),
  planUsd: fc.integer({ min: -900, max: 1_200 }),
  isResolved: fc.boolean(),
  /** Fills of the entry: all at once, or in parts with so many minutes between, and perhaps never the rest. */
  parts: fc.constantFrom(1, 1, 2, 3),
  apart: fc.constantFrom(0, 5, 240, 1_500),
  isCutShort: fc.boolean(),
});

type Fact = (typeof fact extends fc.Arbitrary<infer T> ? T : never) & {
  readonly id: string;
  readonly at: number;
  readonly last: number;
};

const MINUTE = 60_000;
const firstFillOf = ({ at, wait }: Fact): number => at + wait * 2_000;

/** One trade for every part of the entry, each a little dearer and held a little longer. */
function partsOf(one: Fact): JournalFacts['trades'] {
  const { id, market, last, contracts, netUsd, held, apart } = one;
  const parts = Math.min(one.parts, contracts);
  return Array.from({ length: one.isCutShort ? Math.max(1, parts - 1) : parts }, (_, i) => {
    const entryAt = firstFillOf(one) + i * apart * MINUTE;
    const quantity = i === parts - 1 ? contracts - parts + 1 : 1;
    const exitAt = entryAt + held * HOUR + i * MINUTE;
    return { id, market, entryAt, exitAt, entryPrice: last + i, quantity, netUsd: netUsd - i };
  });
}

/** Journals of some thirty signals in three markets, some at one moment, taken, changed or passed by. */
export const randomJournal: fc.Arbitrary<JournalFacts> = fc
  .array(fact, { minLength: 8, maxLength: 36 })
  .map((facts): JournalFacts => {
    let at = SNAPSHOT_NOW as number;
    const taken = new Set<string>();
    const prices = [80_000, 24_000, 40_000];
    const all = facts.flatMap((one, i) => {
      at += one.gap * HOUR;
      // A market is decided once a moment.
      if (taken.has(`${at} ${one.market}`)) return [];
      taken.add(`${at} ${one.market}`);
      prices[one.market] = (prices[one.market] ?? 0) + one.drift;
      return [{ ...one, id: `R${i}`, at, last: prices[one.market] ?? 0 }];
    });
    const sent = all.filter(({ word }) => word === 'approved' || word === 'overridden');
    return {
      decisions: all.map(({ id, at: time, market, confidence, stop, equityUsd, last, isShort }) => {
        return { id, at: time, market, confidence, stop, equityUsd, last, isShort };
      }),
      words: all.flatMap(({ id, at: time, word, contracts, wait }) =>
        word === null ? [] : [{ id, at: time + wait * 1_000, state: word, contracts }],
      ),
      trades: sent.flatMap(partsOf),
      orders: sent.map((one) => ({ id: one.id, endsAt: firstFillOf(one) + (one.parts + 1) * one.apart * MINUTE })),
      outcomes: all.flatMap(({ id, at: time, held, planUsd, isResolved }) =>
        isResolved ? [{ id, exitAt: time + held * HOUR, netUsd: planUsd }] : [],
      ),
      bars: all.map(({ market, at: time, last }) => ({ market, closeAt: time + HOUR / 2, close: last + 3 })),
    };
  });

type Reads = Parameters<typeof readTape>[0];
type Stored = { readonly seq: number; readonly at: number; readonly event: JournalEvent; readonly hash: string };

function decisionOf(one: JournalFacts['decisions'][number]): JournalEvent {
  const market = MARKETS[one.market] ?? MARKETS[0];
  const direction = one.isShort ? -1 : 1;
  const now = epochMs(one.at);
  const lie = one.lie ?? 0;
  const opinion = (model: 'lstm' | 'ensemble') =>
    prediction(model, one.confidence, {
      ...{ symbol: market.symbol, direction, asOf: now, receivedAt: now },
      modelVersion: { name: model, version: String(1 + lie), featureSchema: null, sha256: null },
    });
  const shot = snapshot({
    now,
    instrument: { ...nasdaq, ...market, lastTradeDate: null },
    opinions: { lstm: opinion('lstm'), ensemble: opinion('ensemble') },
    plan: { entry: ticks(one.last), stopDistance: one.stop, targetDistance: 2 * one.stop },
    quote: {
      symbol: market.symbol,
      bid: ticks(one.last - 1),
      ask: ticks(one.last),
      last: ticks(one.last),
      asOf: now,
      receivedAt: now,
    },
    equity: moneyFromUsd(one.equityUsd),
    samples: [{ ...referenceSample, scope: 'root', sumWinR: referenceSample.sumWinR + lie }],
    ...(lie === 0
      ? {}
      : {
          config: {
            maxContracts: 1 + (lie % 3),
            evidenceTrades: 5 + (lie % 60),
            payoffTrades: lie % 20,
            basis: 'stop',
          },
          calibrator: { kind: 'none', version: `later ${lie}` },
          watch: { cusum: (lie % 7) / 2, resolved: lie % 400, brier100: 0.2 + (lie % 10) / 100 },
          exposures: [exposure({ contracts: 1 + (lie % 3) })],
        }),
    held: { position: null, working: 0, inDoubt: 0 },
  });
  return {
    kind: 'decision',
    ...{ recommendationId: one.id, snapshot: shot, decision: decide(shot) },
    entry: ticks(one.last),
    stop: ticks(one.last - direction * one.stop),
    target: ticks(one.last + direction * 2 * one.stop),
    expiresAt: epochMs(one.at + 60_000),
    ...{ engineVersion: '1', configVersion: 'test' },
  };
}

function eventsOf(facts: JournalFacts): readonly Stored[] {
  const stop = new Map(facts.decisions.map((one) => [one.id, one]));
  const events: { at: number; event: JournalEvent }[] = [
    {
      at: SNAPSHOT_NOW - HOUR,
      event: {
        kind: 'opened',
        ...{ profile: 'test', mode: 'replay', account: 'T', initialEquity: moneyFromUsd(100_000), seed: 1 },
      },
    },
    ...facts.decisions.map((one) => ({ at: one.at, event: decisionOf(one) })),
    ...facts.words.map(({ id, at, state, contracts }) => ({
      at,
      event: {
        kind: 'recommendation' as const,
        ...{ recommendationId: id, state, actor: 'trader' as const, reason: null, allowedContracts: null },
        contracts: state === 'rejected' ? null : contracts,
      },
    })),
    ...facts.outcomes.map(({ id, exitAt, netUsd }) => ({
      at: exitAt,
      event: {
        kind: 'outcome' as const,
        ...{ recommendationId: id, symbol: '', decidedAt: epochMs(stop.get(id)?.at ?? 0), exit: 'timeout' as const },
        ...{ exitPrice: ticks(0), exitAt: epochMs(exitAt), netPerContract: moneyFromUsd(netUsd), r: 0 },
        ...{ combined: null, probability: null, suggested: 0, riskPerContract: money(1) },
      },
    })),
  ];
  return events.sort((a, b) => a.at - b.at).map(({ at, event }, i) => ({ seq: i + 1, at, event, hash: '' }));
}

function tradesOf(facts: JournalFacts): Trade[] {
  const risk = 300;
  return facts.trades
    .map(({ id, market, entryAt, exitAt, entryPrice, quantity, netUsd }, i): Trade => {
      const { symbol, root } = MARKETS[market] ?? MARKETS[0];
      const net = moneyFromUsd(netUsd * quantity);
      return {
        ...{ id: `T${i}`, account: 'T', symbol, root, direction: 1, quantity, recommendationId: id, sessionDay: '' },
        ...{
          entryAt: epochMs(entryAt),
          exitAt: epochMs(exitAt),
          entryPrice: ticks(entryPrice),
          exitPrice: ticks(entryPrice),
        },
        ...{ gross: net, fees: money(0), net, plannedRisk: moneyFromUsd(risk * quantity), r: netUsd / risk },
      };
    })
    .sort((a, b) => a.exitAt - b.exitAt);
}

const orderIdOf = (id: string): string => `O${id}`;

const ordersOf = ({ orders, trades }: JournalFacts): Order[] =>
  orders.map(({ id, endsAt }) => {
    const filled = trades.filter((one) => one.id === id).reduce((sum, { quantity }) => sum + quantity, 0);
    const order: Pick<Order, 'clientOrderId' | 'recommendationId' | 'role' | 'life' | 'filled' | 'updatedAt'> = {
      ...{ clientOrderId: orderIdOf(id), recommendationId: id, role: 'entry', life: 'canceled', filled },
      updatedAt: epochMs(endsAt),
    };
    return order as Order;
  });

const fillsOf = ({ trades }: JournalFacts): Fill[] =>
  trades
    .map(({ id, market, entryAt, entryPrice, quantity }, i): Fill => {
      const { symbol } = MARKETS[market] ?? MARKETS[0];
      return {
        ...{ execKey: `E${i}`, venue: 'paper', account: 'T', clientOrderId: orderIdOf(id), symbol, direction: 1 },
        ...{ quantity, price: ticks(entryPrice), fee: money(quantity * 23_000) },
        ...{ at: epochMs(entryAt), receivedAt: epochMs(entryAt) },
      };
    })
    .sort((a, b) => a.at - b.at);

/** The facts as a journal reads them. */
export function readsOf(facts: JournalFacts): Reads {
  const events = eventsOf(facts);
  const reads: Reads = {
    events: (filter) =>
      events
        .filter(({ event }) => (filter.kinds as readonly string[]).includes(event.kind))
        .slice(0, filter.limit) as never,
    trades: () => tradesOf(facts),
    openLots: () => [],
    orders: () => ordersOf(facts),
    fills: () => fillsOf(facts),
    decisionCount: () => facts.decisions.length,
    proposals: () => [],
    lastSeq: () => events.length,
    headHash: () => null,
    bars: ({ symbol }) =>
      facts.bars
        .filter(({ market }) => MARKETS[market]?.symbol === symbol)
        .map(({ closeAt, close }) => ({
          ...{
            symbol,
            timeframe: '1d' as const,
            openAt: epochMs(closeAt - HOUR),
            closeAt: epochMs(closeAt),
            volume: 1,
          },
          ...{ open: ticks(close), high: ticks(close), low: ticks(close), close: ticks(close) },
        })),
  };
  return reads;
}

/** The decision of one long signal on NQ. */
export const aDecision = (id: string, at: number, confidence = 0.7): JournalEvent =>
  decisionOf({ id, at, market: 0, confidence, stop: 40, equityUsd: 100_000, last: 80_000, isShort: false });
