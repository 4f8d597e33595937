import type { Correlations } from '#shared/domain/sizing.ts';
import { CORRELATION_DAYS, priorCorrelation, priorTable } from '#desk/engine/correlation.ts';
import { underlyingRoot } from '#desk/engine/futures/contract-table.ts';
import { movesOf, pairCorrelation, type Moves } from '#desk/engine/pair-correlation.ts';

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
type Known = { readonly days: readonly string[]; readonly daysKey: string; over: { key: string; moves: Moves } | null };

type Days = { readonly key: string; readonly days: readonly string[] };

/** Returns the table that stands without an estimate. */
function prior(roots: readonly string[]): Correlations {
  return { roots: [...roots], rho: priorTable(roots).rho.map((row) => [...row]) };
}

/**
 * Returns the correlations of closes that change one at a time. The figures are those of `portfolioCorrelation` over the
 * days that all roots asked for have, to the last bit; a new close costs its root's row only. Too few days, or flat ones:
 * what is assumed before any data.
 */
export function createCorrelationPairs(closes: Closes): CorrelationPairs {
  const known = new Map<string, Known>();
  const pairs = new Map<string, { readonly of: readonly [Moves, Moves]; readonly rho: number }>();

  const knownOf = (root: string): Known => {
    const found = known.get(root);
    if (found !== undefined) return found;
    const days = [...(closes.get(root)?.keys() ?? [])].sort();
    const made = { days, daysKey: days.join(' '), over: null };
    known.set(root, made);
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
      entry.over = { key, moves: movesOf(days.map((day) => ofRoot?.get(day) ?? NaN)) };
    }
    return entry.over.moves;
  };
  /** Takes two entries of underlyings that move. */
  const rhoOf = (a: Moving, b: Moving): number => {
    const [x, y] = a.root < b.root ? [a, b] : [b, a];
    const key = `${x.root} ${y.root}`;
    const found = pairs.get(key);
    if (found !== undefined && found.of[0] === x.moves && found.of[1] === y.moves) return found.rho;
    const rho = pairCorrelation(x.moves, y.moves, priorCorrelation(x.name, y.name));
    if (pairs.size >= PAIRS_KEPT) pairs.clear();
    pairs.set(key, { of: [x.moves, y.moves], rho });
    return rho;
  };

  return {
    changed: (root) => void known.delete(root),
    of: (roots) => {
      const asked = [...new Set(roots)].filter((root) => closes.has(root)).sort();
      const days = daysOf(asked);
      if (days.days.length < 2) return prior(roots);
      const all = asked.map((root): Moving => ({ root, name: underlyingRoot(root), moves: movesOver(root, days) }));
      // One series that cannot be judged leaves none of the table to be believed.
      if (all.some(({ moves: { kind } }) => kind === 'invalid' || kind === 'flat')) return prior(roots);
      const moving = all.filter(({ moves }) => moves.kind === 'moving');
      if (moving.some((a, i) => moving.slice(i + 1).some((b) => !Number.isFinite(rhoOf(a, b))))) return prior(roots);
      const places = roots.map((root) => moving.find(({ name }) => name === underlyingRoot(root)));
      const rho = places.map((a, i) =>
        places.map((b, j) =>
          a === undefined || b === undefined || a === b
            ? priorCorrelation(roots[i] ?? '', roots[j] ?? '')
            : rhoOf(a, b),
        ),
      );
      return { roots: [...roots], rho };
    },
  };
}

type Moving = { readonly root: string; readonly name: string; readonly moves: Moves };
