import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createTradeChanges, type TradeChanges } from '#desk/journal/trade-changes.ts';
import { createDailyCloses } from '#desk/account/daily-closes.ts';
import { portfolioCorrelation, priorTable } from '#desk/engine/correlation.ts';
import { sessionDay } from '#desk/engine/session.ts';
import { createSampleStore, tradeSamples } from '#desk/account/samples.ts';
import { PRESETS } from '#desk/engine/config.ts';
import { families } from '#desk/assembly.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar } from '#shared/domain/market.ts';
import type { Trade } from '#shared/domain/order.ts';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import { nasdaq } from '#test/support/snapshots.ts';
import { temporaryJournal } from '#test/support/temp-journal.ts';

const DAY_MS = 86_400_000;
const START = epochMs(Date.UTC(2026, 0, 5, 15));

const MARKETS = [
  ['NQ', 'equity'],
  ['MNQ', 'equity'],
  ['ES', 'equity'],
  ['GC', 'metals'],
  ['CL', 'energy'],
] as const;
const instruments = MARKETS.map(([root, group]): Instrument => ({
  ...nasdaq,
  root,
  group,
  symbol: `${root}Z26-CME`,
  initialMargin: null,
}));

const arbitraryTrade: fc.Arbitrary<Trade> = fc
  .record({
    market: fc.constantFrom(...instruments),
    r: fc.oneof(fc.double({ min: -2, max: 3, noNaN: true }), fc.constantFrom(null, 0)),
    quantity: fc.integer({ min: 1, max: 4 }),
    // Days are few, so that trades share the very instant at the edge of a look-back.
    exitAt: fc.integer({ min: 0, max: 120 }).map((half) => epochMs(START + (half * DAY_MS) / 2)),
    id: fc.nat(1_000_000).map(String),
  })
  .map(({ market, r, ...rest }) => ({
    ...rest,
    account: 'SIM1',
    symbol: market.symbol,
    root: market.root,
    direction: 1,
    entryAt: rest.exitAt,
    entryPrice: ticks(1),
    exitPrice: ticks(1),
    gross: money(0),
    fees: money(0),
    net: moneyFromUsd(Math.round(400 * (r ?? 0)) * rest.quantity),
    plannedRisk: r === null ? null : moneyFromUsd(400),
    r,
    recommendationId: null,
    sessionDay: '2026-01-05',
  }));

/** What the journal answers: trades by their exit, then by what else tells them apart. */
const journalOf = (trades: () => readonly Trade[], changes: TradeChanges) => ({
  tradeChanges: changes.since,
  trades: ({ exitFrom = epochMs(0), exitBefore = epochMs(1e15) }: { exitFrom?: number; exitBefore?: number }) =>
    trades()
      .filter((t) => t.exitAt >= exitFrom && t.exitAt < exitBefore)
      .sort((a, b) => a.exitAt - b.exitAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)),
});

type Step = {
  readonly at: number;
  readonly closed: readonly Trade[];
  readonly busted: number | null;
  readonly lookBackDays: number;
};

/** The trades of some roots and a span, one after the other. */
function countedAnew(all: readonly Trade[], roots: readonly string[], [from, before]: readonly [number, number]) {
  const trades = all.filter(({ root, exitAt }) => roots.includes(root) && exitAt >= from && exitAt < before);
  const within = trades.flatMap(({ r }) => (r === null ? [] : [r]));
  const { scratchR } = PRESETS.conservative.sample;
  const [won, lost] = [within.filter((r) => r > scratchR), within.filter((r) => r < -scratchR)];
  const sumOf = (list: readonly number[]) =>
    expect.closeTo(
      list.reduce((sum, r) => sum + Math.abs(r), 0),
      9,
    ) as number;
  const scratches = within.length - won.length - lost.length;
  return { scratches, wins: won.length, losses: lost.length, sumWinR: sumOf(won), sumLossR: sumOf(lost) };
}

const isLost = ({ r }: Trade): boolean => r !== null && r < -PRESETS.conservative.sample.scratchR;

test('stored samples are those that would be counted anew, whatever closes and however time passes', () => {
  const step: fc.Arbitrary<Step> = fc.record({
    at: fc.integer({ min: 0, max: 130 }),
    closed: fc.array(arbitraryTrade, { maxLength: 6 }),
    busted: fc.option(fc.nat(20), { freq: 3 }),
    lookBackDays: fc.constantFrom(30, 30, 5, 365),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const all: Trade[] = [];
      const changes = createTradeChanges();
      const journal = journalOf(() => all, changes);
      const store = createSampleStore(journal);
      for (const { at, closed, busted, lookBackDays } of steps) {
        all.push(...closed);
        const gone = busted === null ? [] : all.splice(busted, 1);
        for (const { exitAt } of [...closed, ...gone]) changes.note(exitAt);
        if (closed.length + gone.length > 0) store.forget();
        const { conservative } = PRESETS;
        const config = { ...conservative, sample: { ...conservative.sample, lookBackDays } };
        const now = epochMs(START + (at * DAY_MS) / 2);
        for (const instrument of instruments) {
          const request = { instrument, config, families, now };
          const samples = store.of(request);
          expect(samples).toEqual(tradeSamples({ journal, ...request }));
          const { root, group } = instrument;
          const scopes = [families.sameMarket(root), families.sameGroup(group), MARKETS.map(([one]) => one)];
          const span = [now - lookBackDays * DAY_MS, now] as const;
          expect(samples).toMatchObject(scopes.map((roots) => countedAnew(all, roots, span)));
          const lost = all.filter((t) => t.root === root && t.exitAt >= span[0] && t.exitAt < now && isLost(t));
          const loss = lost.reduce((sum, { net }) => sum - net, 0);
          const average = Math.ceil(loss / lost.reduce((sum, { quantity }) => sum + quantity, 0));
          for (const sample of samples) expect(sample.averageLossPerContract).toBe(lost.length === 0 ? null : average);
        }
      }
    }),
    { numRuns: 300 },
  );
});

const barOf = (instrument: Instrument, day: number, close: number): Bar => ({
  symbol: instrument.symbol,
  timeframe: '1d',
  openAt: epochMs(START + day * DAY_MS),
  closeAt: epochMs(START + day * DAY_MS + 1000),
  open: ticks(close),
  high: ticks(close),
  low: ticks(close),
  close: ticks(close),
  volume: 1,
});

test('kept correlations are those that would be estimated anew, whichever markets miss a day or stand still', () => {
  const journal = temporaryJournal();
  const closes = fc.array(
    fc.record({ market: fc.nat(instruments.length - 1), close: fc.integer({ min: -2, max: 40 }), skip: fc.nat(9) }),
    { maxLength: 120 },
  );
  const asked = fc.array(fc.subarray(['NQ', 'MNQ', 'ES', 'GC', 'CL', 'ZN'], { minLength: 1 }), {
    minLength: 1,
    maxLength: 6,
  });
  const micros = fc.constantFrom(
    instruments,
    instruments.filter(({ root }) => root !== 'MNQ'),
  );
  fc.assert(
    fc.property(closes, asked, micros, (bars, sets, traded) => {
      const kept = createDailyCloses(journal, traded);
      const added: Bar[] = [];
      const check = (): void => {
        for (const roots of sets) {
          const fresh = createDailyCloses(journal, traded);
          for (const bar of added) fresh.add(bar);
          expect(kept.correlations(roots)).toEqual(alone(added, traded, roots));
          expect(kept.correlations(roots)).toEqual(fresh.correlations(roots));
        }
      };
      for (let day = 0; day < 8; day++) {
        for (const [i, instrument] of traded.entries()) {
          const { close = 5, skip = 1 } = bars[day * instruments.length + i] ?? {};
          if (skip === 0) continue;
          const bar = barOf(instrument, day, close);
          kept.add(bar);
          added.push(bar);
          if (i === 1) check();
        }
        check();
      }
    }),
    { numRuns: 40 },
  );

  /** The whole table of the markets asked for, estimated at once over the days they all have. */
  function alone(added: readonly Bar[], traded: readonly Instrument[], roots: readonly string[]) {
    const of = new Map<string, Map<string, number>>();
    for (const bar of added) {
      const { root, calendar, tickSize } = traded.find(({ symbol }) => symbol === bar.symbol)!;
      if (!roots.includes(root)) continue;
      of.set(
        root,
        (of.get(root) ?? new Map<string, number>()).set(sessionDay(bar.openAt, calendar), bar.close * tickSize),
      );
    }
    const underlyings = [...of.keys()].sort();
    const days = [...(of.get(underlyings[0] ?? '')?.keys() ?? [])]
      .filter((day) => underlyings.every((root) => of.get(root)?.has(day) === true))
      .sort();
    const rows = days.map((day) => underlyings.map((root) => of.get(root)!.get(day)!));
    const returns = rows.slice(1).map((row, t) => row.map((close, k) => close / rows[t]![k]! - 1));
    const result = portfolioCorrelation(roots, { underlyings, returns });
    const { rho } = result.ok ? result.value : priorTable(roots);
    return { roots, rho };
  }
});
