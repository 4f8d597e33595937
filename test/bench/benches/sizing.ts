import { join } from 'node:path';
import { families } from '#desk/assembly.ts';
import { createSampleStore } from '#desk/account/samples.ts';
import { createDailyCloses } from '#desk/account/daily-closes.ts';
import { rootsFor } from '#desk/decisions/signals.ts';
import { PRESETS } from '#desk/engine/config.ts';
import { CORRELATION_DAYS } from '#desk/engine/correlation.ts';
import { decide } from '#desk/engine/decide.ts';
import { createPrng } from '#desk/engine/prng.ts';
import type { Decision } from '#shared/domain/decision.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar } from '#shared/domain/market.ts';
import type { Exposure, SizingSnapshot } from '#shared/domain/sizing.ts';
import { freezeWhole } from '#shared/frozen.ts';
import { epochMs, moneyFromUsd, ticks } from '#shared/units.ts';
import { nasdaq, snapshot } from '#test/support/snapshots.ts';
import { DAY_MS, journalWithTrades, mustOpen, NOW, sampleReader, someTrades } from '#test/bench/fixtures.ts';
import { grownWith, interleave, repeated } from '#test/bench/harness.ts';
import type { Bench, Series, Side } from '#test/bench/harness.ts';
import { recompute, recomputeAll } from './recompute.ts';
import type { Answer, World } from './recompute.ts';

const SYMBOLS = 100;
const MANY = 1_000;
const POSITIONS = 20;
const TRADES = 300;
const WARM_UP = 20_000;
const DECISIONS = 4_000;
const REAL_ROOTS = ['NQ', 'ES', 'GC', 'CL', 'ZN', '6E'];
/** Prices of one tick each, so that closes are whole numbers of ticks. */
const FIRST_PRICE = 100_000;

const rootsOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => REAL_ROOTS[i] ?? `X${String(i).padStart(2, '0')}`);

/** Random walks with one common factor per ten markets, ten at most, so that some pairs are partners and most are not. */
function walks(roots: readonly string[], days: number): readonly (readonly number[])[] {
  const random = createPrng(5);
  const step = (): number => random.nextDouble() + random.nextDouble() - 1;
  let prices = roots.map(() => FIRST_PRICE);
  const rows = [prices];
  for (let day = 1; day < days; day += 1) {
    const common = Array.from({ length: Math.min(10, Math.ceil(roots.length / 10)) }, step);
    prices = prices.map((price, k) => Math.round(price * (1 + 0.01 * (common[k % common.length]! + 0.8 * step()))));
    rows.push(prices);
  }
  return rows;
}

const instrumentOf = (root: string): Instrument => ({ ...nasdaq, root, symbol: `${root}Z26-CME`, tickSize: 1 });

function exposuresOf(roots: readonly string[]): Exposure[] {
  return roots.slice(1, POSITIONS + 1).map((root, i) => ({
    symbol: `${root}Z26-CME`,
    root,
    direction: i % 4 === 3 ? -1 : 1,
    contracts: 1,
    risk: moneyFromUsd(3000 + 100 * i),
    margin: moneyFromUsd(4000),
  }));
}

function dailyBars(world: World): readonly Bar[] {
  return world.closes.flatMap((row, t) =>
    row.map((price, k): Bar => {
      const openAt = epochMs(Date.UTC(2026, 5, 1) + t * DAY_MS);
      const at = { symbol: `${world.roots[k]!}Z26-CME`, timeframe: '1d', openAt, volume: 1 } as const;
      const close = ticks(price);
      return { ...at, closeAt: epochMs(openAt + DAY_MS), open: close, high: close, low: close, close };
    }),
  );
}

function worldOf(symbols: number): World {
  const roots = rootsOf(symbols);
  const config = { ...PRESETS.conservative, maxContracts: 30 };
  const known = snapshot({ equity: moneyFromUsd(1_000_000), exposures: freezeWhole(exposuresOf(roots)), config });
  const trades = someTrades(TRADES, NOW - 29 * DAY_MS, NOW);
  return { roots, closes: walks(roots, CORRELATION_DAYS + 1), trades, known };
}

const isClose = (a: number | null, b: number): boolean =>
  a !== null && Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));

/** Throws unless both versions sized the same: a ratio of two different things says nothing. */
function assertSame(decision: Decision, answer: Answer): void {
  const isSame =
    decision.contracts === answer.contracts &&
    decision.contracts > 0 &&
    isClose(decision.kellyFraction, answer.fraction) &&
    isClose(decision.riskPerContract, answer.riskPerContract) &&
    isClose(decision.heatAfter, answer.heatAfter) &&
    isClose(decision.clusterAfter, answer.clusterAfter);
  if (isSame) return;
  const { contracts, kellyFraction, riskPerContract, heatAfter, clusterAfter, status } = decision;
  const engine = { status, contracts, kellyFraction, riskPerContract, heatAfter, clusterAfter };
  throw new Error(`the two versions differ: ${JSON.stringify({ engine, answer })}`);
}

const rootsWith = ({ known }: World, own: string): readonly string[] => rootsFor(own, known.exposures);

/** A desk over a journal with a world's history: it reads what a decision needs as the desk does for every prediction. */
function readerOf(world: World, path: string) {
  journalWithTrades(path, world.trades);
  const journal = mustOpen(path);
  const bars = dailyBars(world);
  journal.appendBars(bars);
  const closes = createDailyCloses(journal, world.roots.map(instrumentOf));
  const { instrument, config, now } = world.known;
  const store = createSampleStore({
    tradeChanges: () => ({ revision: 1, from: null }),
    trades: journal.trades.bind(journal),
  });
  const markets = world.roots.map(instrumentOf);
  const { kept: samples, afterFill } = sampleReader(journal, { instrument, config, families, now });
  return {
    close: () => journal.close(),
    samples,
    afterFill,
    correlations: (own: string) => closes.correlations(rootsWith(world, own)),
    /** Every market sized again, as after a change of the account: what hangs on prices and trades stands. */
    sizeAll: () =>
      markets.map((own) =>
        decide({
          ...{ ...world.known, instrument: own, samples: [...store.of({ instrument: own, config, families, now })] },
          correlations: closes.correlations(rootsWith(world, own.root)),
        }),
      ),
    /** One market's last close again, at another price, and the table of the book with it. */
    newClose: (i: number) => {
      const last = bars.findLast(({ symbol }) => symbol === instrument.symbol);
      if (last !== undefined) closes.add({ ...last, close: ticks(last.close + (i % 5)) });
      return closes.correlations(rootsWith(world, instrument.root));
    },
    read: (): SizingSnapshot => ({
      ...world.known,
      samples: [...samples()],
      correlations: closes.correlations(rootsWith(world, instrument.root)),
    }),
  };
}

/** Every one of so many symbols sized again, and one of them alone. */
async function wholeBooks(folder: string, sizes: readonly number[]): Promise<readonly Series[]> {
  const books = sizes.map((symbols) => {
    const world = worldOf(symbols);
    return { symbols, world, desk: readerOf(world, join(folder, `book-${symbols}.db`)) };
  });
  try {
    const last = books.at(-1);
    const markets = last?.world.roots.map(instrumentOf) ?? [];
    const series = await interleave(
      [
        ...books.flatMap(({ symbols, desk }): readonly Side[] => [
          () => repeated(`size all of ${symbols} symbols`, desk.sizeAll, { count: 5 }),
          () => repeated(`one of ${symbols} symbols`, () => decide(desk.read()), { count: 200, per: 5 }),
        ]),
        ...(last === undefined
          ? []
          : [() => repeated('recompute all of the symbols', () => recomputeAll(last.world, markets), { count: 1 })]),
      ],
      { rounds: 2, warmUps: 0 },
    );
    const grown = (name: string, of: (symbols: number) => string) =>
      grownWith(
        series,
        `growth exponent, ${name}`,
        sizes.map((symbols) => ({ x: symbols, of: `${of(symbols)}, p50` })),
      );
    return [
      ...series,
      grown('size all symbols', (symbols) => `size all of ${symbols} symbols`),
      grown('one decision', (symbols) => `one of ${symbols} symbols`),
    ];
  } finally {
    for (const { desk } of books) desk.close();
  }
}

/** One decision among a thousand symbols: the naive side takes seconds, so it is run a few times only. */
async function amongMany(folder: string, symbols: number): Promise<readonly Series[]> {
  const world = worldOf(symbols);
  const desk = readerOf(world, join(folder, 'many.db'));
  try {
    const prepared = desk.read();
    const expected = recompute(world);
    assertSame(decide(prepared), expected);
    return await interleave(
      [
        () => repeated('read and decide, 1,000 symbols', () => decide(desk.read()), { count: 200, per: 5 }),
        () => repeated('a new close of one of 1,000 symbols', desk.newClose, { count: 50 }),
        () => repeated('recompute everything, 1,000 symbols', () => recompute(world), { count: 1 }),
      ],
      { rounds: 3, warmUps: 0 },
    );
  } finally {
    desk.close();
  }
}

/** The engine alone, the engine with what the desk reads for it, and everything from raw history again. */
export const sizing: Bench = {
  name: 'sizing',
  title: 'One decision against a 20-position book, 100 symbols known',
  run: async ({ rounds, isQuick, folder }) => {
    const world = worldOf(isQuick ? 30 : SYMBOLS);
    const desk = readerOf(world, join(folder, 'journal.db'));
    try {
      const prepared = desk.read();
      const newcomer = world.roots[POSITIONS + 1]!;
      assertSame(decide(prepared), recompute(world));
      const scale = isQuick ? 0.02 : 1;
      const count = (n: number): number => Math.max(2, Math.round(n * scale));
      // A desk is open all day: what Node compiles at the first thousands of decisions is not counted. And a tail of one
      // in a hundred takes thousands, each timed by itself.
      for (let i = 0; i < count(WARM_UP); i += 1) decide(desk.read());
      const measured = await interleave(
        [
          () => repeated('decide()', () => decide(prepared), { count: count(DECISIONS) }),
          () => repeated('read and decide', () => decide(desk.read()), { count: count(DECISIONS) }),
          () => repeated('samples alone', desk.samples, { count: count(200), per: 20 }),
          () => repeated('samples after a fill', desk.afterFill, { count: count(50) }),
          () =>
            repeated('correlations, root set changing', (i) => desk.correlations(i % 2 === 0 ? 'NQ' : newcomer), {
              count: count(30),
            }),
          () => repeated('correlations after a new close', desk.newClose, { count: count(50) }),
          () => repeated('recompute everything', () => recompute(world), { count: count(6) }),
        ],
        { rounds: isQuick ? 1 : 3 * rounds },
      );
      return {
        series: [
          ...measured,
          ...(await amongMany(folder, isQuick ? 40 : MANY)),
          ...(await wholeBooks(folder, isQuick ? [30, 35, 40] : [100, 300, MANY])),
        ],
        notes: [
          'All sides size the same signal; contracts, fraction, heat and correlated exposure are asserted equal.',
          `"Read and decide" takes the samples of ${TRADES} trades and the correlations from where the desk keeps them, as it does for every prediction; after a fill it reads what the fill closed.`,
          '"Root set changing" alternates between two markets outside the book: a table is kept for each set of roots.',
          'A new close of one market costs its own row of the table: its pairs with the twenty of the book.',
        ],
      };
    } finally {
      desk.close();
    }
  },
};
