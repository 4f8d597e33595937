import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCorrelationPairs } from '#desk/account/correlation-pairs.ts';
import { bookState, budgetOf } from '#desk/engine/budget.ts';
import { CORRELATION_DAYS, DEFAULT_EWMA_LAMBDA } from '#desk/engine/correlation.ts';
import { createPrng } from '#desk/engine/prng.ts';
import type { Exposure, SizingSnapshot } from '#shared/domain/sizing.ts';
import { money, moneyFromUsd } from '#shared/units.ts';
import { snapshot } from '#test/support/snapshots.ts';
import { compiled, numbersFrom } from '#test/bench/c-program.ts';
import { computing, figure, grownWith, interleave } from '#test/bench/harness.ts';
import type { Bench, Side } from '#test/bench/harness.ts';

const SIZES = [250, 500, 1_000] as const;
const EQUITY = moneyFromUsd(1_000_000_000);
const PRIOR_STRENGTH = 60;

/** A book of so many markets, their returns, and the closes those come of. */
type Book = {
  readonly roots: readonly string[];
  readonly closes: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** returns[k] of root k, oldest first. */
  readonly returns: readonly (readonly number[])[];
  readonly snapshot: SizingSnapshot;
};

const rootOf = (k: number): string => `X${String(k).padStart(4, '0')}`;

/** Random walks of which ten at a time share a factor, and a position in each. */
function bookOf(size: number): Book {
  const random = createPrng(9);
  const step = (): number => random.nextDouble() + random.nextDouble() - 1;
  const days = Array.from({ length: CORRELATION_DAYS + 1 }, (_, t) => `day ${String(t).padStart(3, '0')}`);
  const common = days.map(() => Array.from({ length: Math.ceil(size / 10) }, step));
  const walks = Array.from({ length: size }, (_, k) => {
    let price = 100;
    return days.map((_day, t) => (price *= 1 + 0.01 * ((common[t]?.[Math.floor(k / 10)] ?? 0) + 0.4 * step())));
  });
  const roots = walks.map((_, k) => rootOf(k));
  const closes = new Map(roots.map((root, k) => [root, new Map(days.map((day, t) => [day, walks[k]?.[t] ?? NaN]))]));
  const exposures = roots.map((root, k): Exposure => ({
    ...{ symbol: `${root}Z26`, root, direction: k % 4 === 3 ? -1 : 1, contracts: 1 },
    ...{ risk: moneyFromUsd(1_000 + (k % 50) * 10), margin: money(0) },
  }));
  const { rho } = createCorrelationPairs(closes).of(roots);
  return {
    ...{ roots, closes },
    returns: walks.map((walk) => walk.slice(1).map((close, t) => close / (walk[t] ?? NaN) - 1)),
    snapshot: snapshot({ equity: EQUITY, exposures, correlations: { roots: [...roots], rho } }),
  };
}

/** What the C program reads: directions, shares and correlations; and returns with their weights. */
function writeInput(folder: string, { snapshot: { exposures, correlations }, returns }: Book) {
  const size = exposures.length;
  const check = join(folder, `check-${size}.bin`);
  const shares = exposures.map(({ risk }) => risk / EQUITY);
  const given = [...exposures.map(({ direction }) => direction), ...shares, ...correlations.rho.flat()];
  writeFileSync(check, Float64Array.from(given));
  const table = join(folder, `table-${size}.bin`);
  const weights = Array.from({ length: CORRELATION_DAYS }, (_, t) => DEFAULT_EWMA_LAMBDA ** (CORRELATION_DAYS - 1 - t));
  writeFileSync(table, Float64Array.from([...returns.flat(), ...weights]));
  return { check, table };
}

const mustAgree = (name: string, found: number, expected: number): void => {
  if (!(Math.abs(found / expected - 1) <= 1e-9)) throw new Error(`${name}: the desk finds ${found}, C ${expected}`);
};

/** Sum of the magnitudes of a table's estimates, the pull to the prior taken back out. */
function magnitudes(roots: readonly string[], rho: readonly (readonly number[])[]): number {
  const delta = PRIOR_STRENGTH / (CORRELATION_DAYS + PRIOR_STRENGTH);
  let sum = 0;
  for (let i = 0; i < roots.length; i += 1)
    for (let j = i; j < roots.length; j += 1)
      sum += i === j ? 1 : Math.abs(((rho[i]?.[j] ?? NaN) - delta * PRIOR_OF_STRANGERS) / (1 - delta));
  return sum;
}
/** What the desk assumes of two markets it does not know, before any data. */
const PRIOR_OF_STRANGERS = 0.2;

/** So many that they take long beside the grain of the clock, 4 ms here, at a tenth of a millisecond each. */
const CHECKS = 2_000;

function deskSides(book: Book, isQuick: boolean): readonly Side[] {
  const size = book.roots.length;
  const budget = budgetOf(book.snapshot, 1);
  bookState(budget, 0);
  return [
    () => ({
      [`check of ${size} positions`]: figure(
        computing(() => bookState(budget, 0), isQuick ? 2 : CHECKS),
        'ms',
      ),
    }),
    () => ({
      [`ties and check of ${size} positions`]: figure(
        computing(() => bookState(budgetOf(book.snapshot, 1), 0), isQuick ? 1 : 7),
        'ms',
      ),
    }),
    () => ({
      [`table of ${size} markets`]: figure(
        computing(() => createCorrelationPairs(book.closes).of(book.roots), isQuick ? 1 : 3),
        'ms',
      ),
    }),
  ];
}

function inC(program: string, folder: string, { book, isQuick }: { book: Book; isQuick: boolean }): readonly Side[] {
  const size = book.roots.length;
  const files = writeInput(folder, book);
  const { roots, snapshot: known } = book;
  const run = (task: 'check' | 'table', repeats: number): readonly number[] =>
    numbersFrom(program, [
      ...[task, String(size), String(CORRELATION_DAYS), String(isQuick ? 1 : repeats)],
      ...[String(known.config.rhoMin), files[task]],
    ]);
  mustAgree('check', bookState(budgetOf(known, 1), 0).cluster ?? NaN, run('check', 1)[1] ?? NaN);
  mustAgree('table', magnitudes(roots, known.correlations.rho), run('table', 1)[1] ?? NaN);
  return [
    () => ({ [`check of ${size} positions, C`]: figure(run('check', 100)[0] ?? NaN, 'ms') }),
    () => ({ [`table of ${size} markets, C`]: figure(run('table', 10)[0] ?? NaN, 'ms') }),
  ];
}

/** Correlated exposure of a whole book at once, and all correlations at once, against C. */
export const clusters: Bench = {
  name: 'clusters',
  title: 'Correlated exposure of a book of 1,000 positions',
  run: async ({ rounds, isQuick, folder }) => {
    const sizes = isQuick ? [20, 40, 80] : SIZES;
    const largest = sizes.at(-1) ?? 0;
    const books = sizes.map(bookOf);
    const program = compiled(folder, 'clusters.c');
    const last = books.at(-1);
    const sides = [
      ...books.flatMap((book) => deskSides(book, isQuick)),
      ...(program === null || last === undefined ? [] : inC(program, folder, { book: last, isQuick })),
    ];
    const series = await interleave(sides, { rounds });
    return {
      series: [
        ...series,
        grownWith(
          series,
          'growth exponent, check',
          sizes.map((n) => ({ x: n, of: `check of ${n} positions` })),
        ),
        grownWith(
          series,
          'growth exponent, table',
          sizes.map((n) => ({ x: n, of: `table of ${n} markets` })),
        ),
      ],
      notes: [
        `The check measures every one of ${largest.toLocaleString('en')} positions against every other, as a decision does of its book of twenty or so; the desk and C find the same largest exposure. C looks at every pair each time. The desk reads the ties off the table once (which pairs are partners) and then goes from partner to partner; "ties and check" is both.`,
        'A table is all pairs at once, which the desk never does: a new close costs its own row (see `sizing`). C sums over the days of all pairs side by side.',
        ...(program === null ? ['There is no C compiler on this machine: C was left out.'] : []),
      ],
    };
  },
};
