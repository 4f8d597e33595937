import type { Correlations } from '#shared/domain/sizing.ts';
import {
  CORRELATION_DAYS,
  priorBetween,
  priorCorrelation,
  priorRows,
  priorsOf,
  priorTraits,
} from '#desk/engine/correlation.ts';
import { underlyingRoot } from '#desk/engine/futures/contract-table.ts';
import type { PriorTraits } from '#desk/engine/correlation.ts';
import { allPairs, movesOf, pairCorrelation, type Moves } from '#desk/engine/pair-correlation.ts';

/** Closes by root and session day. */
export type Closes = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Correlations read off pairs, each estimated once until a close of one of its two roots changes. */
export interface CorrelationPairs {
  of(roots: readonly string[]): Correlations;
  changed(root: string): void;
}

/** Pairs held at once: those of twenty positions with three thousand markets. */
const PAIRS_KEPT = 65_536;

/** What is worked out of one root's closes until they change. */
type Known = {
  readonly days: readonly string[];
  readonly daysKey: string;
  /** The closes of those days. */
  readonly values: readonly number[];
  over: { key: string; moves: Moves } | null;
};

const isSameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((day, i) => day === b[i]);

/**
 * The closes of a root by day: they mostly come in that order.
 * @param other a root known already: most have the same days, and theirs are in order and spelt
 */
function inOrder(
  closes: ReadonlyMap<string, number>,
  other: Known | undefined,
): Pick<Known, 'days' | 'daysKey' | 'values'> {
  const came = [...closes.keys()];
  if (other !== undefined && isSameList(came, other.days)) {
    return { days: other.days, daysKey: other.daysKey, values: [...closes.values()] };
  }
  const isSorted = came.every((day, i) => i === 0 || (came[i - 1] ?? '') < day);
  const days = isSorted ? came : came.sort();
  const values = isSorted ? [...closes.values()] : days.map((day) => closes.get(day) ?? NaN);
  return { days, daysKey: days.join(' '), values };
}

type Days = { readonly key: string; readonly days: readonly string[] };

/** Returns the table that stands without an estimate. */
function prior(roots: readonly string[]): Correlations {
  return { roots: [...roots], rho: priorRows(roots) };
}

/**
 * Returns the correlations of closes that change one at a time. The figures are those of `portfolioCorrelation` over the
 * days that all roots asked for have, to the last bit; a new close costs its root's row only. Too few days, or flat ones:
 * what is assumed before any data.
 */
export function createCorrelationPairs(closes: Closes): CorrelationPairs {
  const known = new Map<string, Known>();
  const pairs = new Map<string, { readonly of: readonly [Moves, Moves]; readonly rho: number }>();

  let last: Known | undefined;
  const knownOf = (root: string): Known => {
    const found = known.get(root);
    if (found !== undefined) return found;
    const made = { ...inOrder(closes.get(root) ?? new Map<string, number>(), last), over: null };
    known.set(root, made);
    last = made;
    return made;
  };
  /** The latest days that all of the roots have. */
  const daysOf = (roots: readonly string[]): Days => {
    const [first, ...others] = roots.map(knownOf);
    const isAlike = others.every(({ daysKey }) => daysKey === first?.daysKey);
    const all =
      first?.days.filter((day) => isAlike || roots.every((root) => closes.get(root)?.has(day) === true)) ?? [];
    const days = all.slice(-CORRELATION_DAYS - 1);
    return { days, key: days.join(' ') };
  };
  const movesOver = (root: string, { days, key }: Days): Moves => {
    const entry = knownOf(root);
    if (entry.over?.key !== key) {
      const ofRoot = closes.get(root);
      const isLatest = entry.days.at(-days.length) === days[0] && entry.daysKey.endsWith(key);
      const over = isLatest ? entry.values.slice(-days.length) : days.map((day) => ofRoot?.get(day) ?? NaN);
      entry.over = { key, moves: movesOf(over) };
    }
    return entry.over.moves;
  };
  const rhoOf = (a: Moving, b: Moving): number => {
    const key = `${a.root} ${b.root}`;
    const found = pairs.get(key);
    if (found !== undefined && found.of[0] === a.moves && found.of[1] === b.moves) return found.rho;
    const rho = estimateOf(a, b);
    if (pairs.size >= PAIRS_KEPT) pairs.clear();
    pairs.set(key, { of: [a.moves, b.moves], rho });
    return rho;
  };
  /** Every pair, row by row; null when one is no number. @param moving by root */
  const estimatesOf = (moving: readonly Moving[]): Float64Array | null => {
    const size = moving.length;
    // A table of more pairs than are kept would push out its own, each before it is asked for again.
    if (size * (size - 1) > 2 * PAIRS_KEPT) {
      return allPairs(
        moving.map(({ moves }) => moves),
        priorsOf(moving.map(({ traits }) => traits)),
      );
    }
    const estimates = new Float64Array(size * size);
    for (const [i, a] of moving.entries()) {
      for (const [j, b] of moving.entries()) {
        if (j <= i) continue;
        const found = rhoOf(a, b);
        if (!Number.isFinite(found)) return null;
        estimates[i * size + j] = found;
        estimates[j * size + i] = found;
      }
    }
    return estimates;
  };

  return {
    changed: (root) => void known.delete(root),
    of: (roots) => {
      const asked = [...new Set(roots)].filter((root) => closes.has(root)).sort();
      const days = daysOf(asked);
      if (days.days.length < 2) return prior(roots);
      const all = asked.map((root): Moving => ({ root, traits: priorTraits(root), moves: movesOver(root, days) }));
      // One series that cannot be judged leaves none of the table to be believed.
      if (all.some(({ moves: { kind } }) => kind === 'invalid' || kind === 'flat')) return prior(roots);
      const moving = all.filter(({ moves }) => moves.kind === 'moving');
      const size = moving.length;
      const estimates = estimatesOf(moving);
      if (estimates === null) return prior(roots);
      // Of two roots of one underlying the first stands for both.
      const placeOf = new Map(moving.map(({ traits }, place) => [traits.underlying, place] as const).reverse());
      const places = roots.map((root) => placeOf.get(underlyingRoot(root)) ?? -1);
      const blank = blankRow(places.length);
      const rho = places.map((a, i) =>
        rowOfTable({ estimates, size, places, blank }, a, (j) => priorCorrelation(roots[i] ?? '', roots[j] ?? '')),
      );
      return { roots: [...roots], rho };
    },
  };
}

type Estimated = {
  readonly estimates: Float64Array;
  readonly size: number;
  readonly places: readonly number[];
  readonly blank: readonly number[];
};

/** A row without figures. Filled from an empty one: an array that ever had holes is read more slowly, pair by pair. */
function blankRow(length: number): readonly number[] {
  const row: number[] = [];
  for (let j = 0; j < length; j += 1) row.push(NaN);
  return row;
}

/** A row of the table: of the market at a place with all, −1 for one without an estimate. */
function rowOfTable(
  { estimates, size, places, blank }: Estimated,
  place: number,
  priorWith: (j: number) => number,
): number[] {
  const row = blank.slice();
  const from = place * size;
  for (let j = 0; j < row.length; j += 1) {
    const other = places[j] ?? -1;
    row[j] = place < 0 || other < 0 || other === place ? priorWith(j) : (estimates[from + other] ?? NaN);
  }
  return row;
}

type Moving = { readonly root: string; readonly traits: PriorTraits; readonly moves: Moves };

/** Takes two entries of underlyings that move, in the order of their roots. */
const estimateOf = (a: Moving, b: Moving): number =>
  pairCorrelation(a.moves, b.moves, priorBetween(a.traits, b.traits));
