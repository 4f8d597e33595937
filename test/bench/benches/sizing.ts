import { join } from 'node:path';
import { families } from '#desk/assembly.ts';
import { createDailyCloses } from '#desk/account/daily-closes.ts';
import { PRESETS } from '#desk/engine/config.ts';
import { CORRELATION_DAYS } from '#desk/engine/correlation.ts';
import { decide } from '#desk/engine/decide.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { tradeSamples } from '#desk/account/samples.ts';
import type { Decision } from '#shared/domain/decision.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar } from '#shared/domain/market.ts';
import type { Exposure, SizingSnapshot } from '#shared/domain/sizing.ts';
import { epochMs, moneyFromUsd, ticks } from '#shared/units.ts';
import { nasdaq, snapshot } from '#test/support/snapshots.ts';
import { DAY_MS, journalWithTrades, mustOpen, NOW, someTrades } from '#test/bench/fixtures.ts';
import { interleave, repeated } from '#test/bench/harness.ts';
import type { Bench } from '#test/bench/harness.ts';
import { recompute } from './recompute.ts';
import type { Answer, World } from './recompute.ts';

const SYMBOLS = 100;
const POSITIONS = 20;
const TRADES = 300;
const REAL_ROOTS = ['NQ', 'ES', 'GC', 'CL', 'ZN', '6E'];
/** Prices of one tick each, so that closes are whole numbers of ticks. */
const FIRST_PRICE = 100_000;

const rootsOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => REAL_ROOTS[i] ?? `X${String(i).padStart(2, '0')}`);

/** Random walks with one common factor per ten markets, so that some pairs are partners and most are not. */
function walks(roots: readonly string[], days: number): readonly (readonly number[])[] {
  const random = createPrng(5);
  const step = (): number => random.nextDouble() + random.nextDouble() - 1;
  let prices = roots.map(() => FIRST_PRICE);
  const rows = [prices];
  for (let day = 1; day < days; day += 1) {
    const common = Array.from({ length: Math.ceil(roots.length / 10) }, step);
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
  const known = snapshot({ equity: moneyFromUsd(1_000_000), exposures: exposuresOf(roots), config });
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

/** The engine alone, the engine with what the desk reads for it, and everything from raw history again. */
export const sizing: Bench = {
  name: 'sizing',
  title: 'One decision against a 20-position book, 100 symbols known',
  run: async ({ rounds, isQuick, folder }) => {
    const world = worldOf(isQuick ? 30 : SYMBOLS);
    const path = join(folder, 'journal.db');
    journalWithTrades(path, world.trades);
    const journal = mustOpen(path);
    try {
      journal.appendBars(dailyBars(world));
      const closes = createDailyCloses(journal, world.roots.map(instrumentOf));
      const { instrument, config, exposures, now } = world.known;
      const rootsWith = (own: string): string[] => [...new Set([own, ...exposures.map((e) => e.root)])].sort();
      const read = (own: string): SizingSnapshot => ({
        ...world.known,
        samples: [...tradeSamples({ journal, instrument, config, families, now })],
        correlations: closes.correlations(rootsWith(own)),
      });
      const prepared = read(instrument.root);
      const newcomer = world.roots[POSITIONS + 1]!;
      assertSame(decide(prepared), recompute(world));
      const scale = isQuick ? 0.02 : 1;
      const count = (n: number): number => Math.max(2, Math.round(n * scale));
      const series = await interleave(
        [
          () => repeated('decide()', () => decide(prepared), { count: count(200), per: 5 }),
          () => repeated('read and decide', () => decide(read(instrument.root)), { count: count(100) }),
          () =>
            repeated('samples alone', () => tradeSamples({ journal, instrument, config, families, now }), {
              count: count(50),
            }),
          () =>
            repeated(
              'correlations, root set changing',
              (i) => closes.correlations(rootsWith(i % 2 === 0 ? 'NQ' : newcomer)),
              {
                count: count(30),
              },
            ),
          () => repeated('recompute everything', () => recompute(world), { count: count(6) }),
        ],
        { rounds: isQuick ? 1 : 3 * rounds },
      );
      return {
        series,
        notes: [
          'All sides size the same signal; contracts, fraction, heat and correlated exposure are asserted equal.',
          `"Read and decide" takes the samples of ${TRADES} trades from the journal and the cached correlations, as the desk does for each decision.`,
          '"Root set changing" alternates between two markets outside the book: the table is kept for one set of roots only.',
        ],
      };
    } finally {
      journal.close();
    }
  },
};
