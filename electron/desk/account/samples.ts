import type { AssetGroup, Instrument } from '#shared/domain/instrument.ts';
import type { SizingConfig, TradeSample } from '#shared/domain/sizing.ts';
import type { Trade } from '#shared/domain/order.ts';
import { epochMs, money, type EpochMs } from '#shared/units.ts';
import type { Journal } from '#desk/ports/journal.ts';

const DAY_MS = 86_400_000;

/** Which roots belong together: mini and micro of one market, and the markets of one group. */
export type RootFamilies = {
  readonly sameMarket: (root: string) => readonly string[];
  readonly sameGroup: (group: AssetGroup) => readonly string[];
};

/**
 * What is counted of closed trades, by exit, oldest first, in columns: 34 bytes each, for those of all the look-back are
 * held as long as the desk lives. Trades without a planned risk have no R and are left out.
 */
type Counted = {
  readonly roots: readonly string[];
  /** Place in `roots`. */
  readonly root: Uint16Array;
  readonly exitAt: Float64Array;
  readonly r: Float64Array;
  readonly net: Float64Array;
  readonly quantity: Float64Array;
};

/** @param trades by exit, oldest first */
function counted(trades: readonly Pick<Trade, 'root' | 'exitAt' | 'r' | 'net' | 'quantity'>[]): Counted {
  const kept = trades.filter(({ r }) => r !== null);
  const places = new Map<string, number>();
  for (const { root } of kept) if (!places.has(root)) places.set(root, places.size);
  return {
    roots: [...places.keys()],
    root: Uint16Array.from(kept, ({ root }) => places.get(root) ?? 0),
    exitAt: Float64Array.from(kept, ({ exitAt }) => exitAt),
    r: Float64Array.from(kept, ({ r }) => r ?? NaN),
    net: Float64Array.from(kept, ({ net }) => net),
    quantity: Float64Array.from(kept, ({ quantity }) => quantity),
  };
}

/** The first `length` trades of some, and others that were closed after them. */
function joined(first: Counted, length: number, others: Counted): Counted {
  // The same list where no root is new: what stands at which place in it is known.
  const isKnown = others.roots.every((root) => first.roots.includes(root));
  const roots = isKnown ? first.roots : [...new Set([...first.roots, ...others.roots])];
  const places = others.roots.map((root) => roots.indexOf(root));
  const column = (of: (trades: Counted) => Float64Array): Float64Array => {
    const all = new Float64Array(length + of(others).length);
    all.set(of(first).subarray(0, length));
    all.set(of(others), length);
    return all;
  };
  const root = new Uint16Array(length + others.root.length);
  root.set(first.root.subarray(0, length));
  others.root.forEach((place, i) => (root[length + i] = places[place] ?? 0));
  return {
    ...{ roots, root, exitAt: column(({ exitAt }) => exitAt), r: column(({ r }) => r) },
    ...{ net: column(({ net }) => net), quantity: column(({ quantity }) => quantity) },
  };
}

/** Some of the counted trades: from `start` to before `end`. */
type Part = { readonly start: number; readonly end: number };

type Counts = Omit<TradeSample, 'scope' | 'from' | 'averageLossPerContract'>;

/** What is counted of each root, by its place, and sums over all of them; money and contracts of losses only. */
type Tally = Readonly<
  Record<'wins' | 'losses' | 'scratches' | 'winR' | 'lossR' | 'lossMoney' | 'lossContracts', Float64Array>
> & { readonly sums: Sums };
/** Sums of R in the order the trades were closed: in another order they round to other bits. */
type Sums = { readonly winR: number; readonly lossR: number };

/** Counts trades of every root in one pass, as the payoff estimate needs them: net of costs, in R, scratches outside. */
function tallyOf(trades: Counted, { start, end }: Part, scratchR: number): Tally {
  const column = (): Float64Array => new Float64Array(trades.roots.length);
  const [wins, losses, scratches, winR, lossR] = [column(), column(), column(), column(), column()];
  const [lossMoney, lossContracts] = [column(), column()];
  const add = (to: Float64Array, place: number, value: number): void => {
    to[place] = (to[place] ?? 0) + value;
  };
  let [allWinR, allLossR] = [0, 0];
  for (let i = start; i < end; i += 1) {
    const r = trades.r[i] ?? NaN;
    const place = trades.root[i] ?? 0;
    if (Math.abs(r) <= scratchR) add(scratches, place, 1);
    else if (r > 0) {
      add(wins, place, 1);
      add(winR, place, r);
      allWinR += r;
    } else {
      add(losses, place, 1);
      add(lossR, place, -r);
      add(lossMoney, place, -(trades.net[i] ?? NaN));
      add(lossContracts, place, trades.quantity[i] ?? NaN);
      allLossR -= r;
    }
  }
  const sums = { winR: allWinR, lossR: allLossR };
  return { wins, losses, scratches, winR, lossR, lossMoney, lossContracts, sums };
}

/** Sums of R over some of the roots, by their places. */
function sumsOver(trades: Counted, { start, end }: Part, of: { places: readonly number[]; scratchR: number }): Sums {
  const isWanted = Uint8Array.from(trades.roots, (_, place) => (of.places.includes(place) ? 1 : 0));
  let [winR, lossR] = [0, 0];
  for (let i = start; i < end; i += 1) {
    if (isWanted[trades.root[i] ?? 0] !== 1) continue;
    const r = trades.r[i] ?? NaN;
    if (Math.abs(r) <= of.scratchR) continue;
    if (r > 0) winR += r;
    else lossR -= r;
  }
  return { winR, lossR };
}

const sumAt = (column: Float64Array, places: readonly number[]): number =>
  places.reduce((sum, place) => sum + (column[place] ?? 0), 0);

/** Trades of a range and what has been counted of them; a set of roots is added up once. */
type Counting = {
  readonly trades: Counted;
  readonly part: Part;
  readonly scratchR: number;
  readonly tally: Tally;
  readonly sums: Map<string, Sums>;
};

const countingOf = (trades: Counted, part: Part, scratchR: number): Counting => ({
  ...{ trades, part, scratchR, tally: tallyOf(trades, part, scratchR), sums: new Map<string, Sums>() },
});

/** Sums over some roots: of one, or of all, they stand in the tally. */
function sumsOf({ trades, part, scratchR, tally, sums }: Counting, places: readonly number[]): Sums {
  const [only = 0] = places;
  if (places.length === 0) return { winR: 0, lossR: 0 };
  if (places.length === 1) return { winR: tally.winR[only] ?? 0, lossR: tally.lossR[only] ?? 0 };
  if (places.length === trades.roots.length) return tally.sums;
  const key = places.join(' ');
  const found = sums.get(key) ?? sumsOver(trades, part, { places, scratchR });
  sums.set(key, found);
  return found;
}

const placesKnown = new WeakMap<readonly string[], WeakMap<readonly string[], readonly number[]>>();

/** The places of those roots that are wanted, rising; both lists are asked for again and again. */
function placesOf(roots: readonly string[], wanted: readonly string[]): readonly number[] {
  const known = placesKnown.get(roots) ?? new WeakMap<readonly string[], readonly number[]>();
  placesKnown.set(roots, known);
  const places = known.get(wanted) ?? roots.flatMap((root, place) => (wanted.includes(root) ? [place] : []));
  known.set(wanted, places);
  return places;
}

/** An average loss per contract only means something within one contract size. */
function averageLossOf({ trades, tally }: Counting, root: string): TradeSample['averageLossPerContract'] {
  const place = trades.roots.indexOf(root);
  const contracts = tally.lossContracts[place] ?? 0;
  // Rounded up: the capital one contract stands for is never understated.
  return contracts === 0 ? null : money(Math.ceil((tally.lossMoney[place] ?? NaN) / contracts));
}

/** Counts of some roots. */
function countsBy(counting: Counting, wanted: readonly string[]): Counts {
  const { trades, tally } = counting;
  const places = placesOf(trades.roots, wanted);
  const { winR, lossR } = sumsOf(counting, places);
  return {
    wins: sumAt(tally.wins, places),
    losses: sumAt(tally.losses, places),
    scratches: sumAt(tally.scratches, places),
    sumWinR: winR,
    sumLossR: lossR,
  };
}

export type SampleRequest = {
  readonly instrument: Instrument;
  readonly config: SizingConfig;
  readonly families: RootFamilies;
  readonly now: EpochMs;
};

const lookBackFrom = ({ config, now }: SampleRequest): EpochMs => epochMs(now - config.sample.lookBackDays * DAY_MS);

function samplesFrom(counting: Counting, request: SampleRequest): readonly TradeSample[] {
  const { instrument, families } = request;
  const from = lookBackFrom(request);
  const averageLossPerContract = averageLossOf(counting, instrument.root);
  const sample = (scope: TradeSample['scope'], roots: readonly string[]): TradeSample => ({
    ...{ scope, from },
    ...countsBy(counting, roots),
    averageLossPerContract,
  });
  return [
    sample('root', families.sameMarket(instrument.root)),
    sample('group', families.sameGroup(instrument.group)),
    sample('all', counting.trades.roots),
  ];
}

/**
 * Returns the trader's closed trades of the look-back as samples, narrow to wide: the market (mini and micro together),
 * its asset group, all. A trade counts when it was closed strictly before `now`. Own accounts only.
 */
export function tradeSamples({
  journal,
  ...request
}: SampleRequest & { readonly journal: Pick<Journal, 'trades'> }): readonly TradeSample[] {
  const trades = counted(journal.trades({ exitFrom: lookBackFrom(request), exitBefore: request.now, order: 'oldest' }));
  const { scratchR } = request.config.sample;
  return samplesFrom(countingOf(trades, { start: 0, end: trades.r.length }, scratchR), request);
}

/** The samples of `tradeSamples`, without reading the journal for every decision. */
export interface SampleStore {
  of(request: SampleRequest): readonly TradeSample[];
  /** Closed trades may be others than before: the journal is asked which. */
  forget(): void;
}

/** Place of the first trade that was closed at `at` or later. */
function placeOf({ exitAt }: Counted, at: EpochMs): number {
  let [low, high] = [0, exitAt.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((exitAt[middle] ?? Infinity) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Trades from one exit on, as the journal had them at a revision. */
type Held = { readonly from: EpochMs; readonly revision: number; readonly trades: Counted };

/** Reads what has changed in the journal since, or all where that reaches behind what is held or more is asked for. */
function readAgain(journal: Pick<Journal, 'trades' | 'tradeChanges'>, from: EpochMs, held: Held | null): Held {
  const { revision, from: changed } = journal.tradeChanges(held?.revision ?? 0);
  const since = (exitFrom: EpochMs): Counted => counted(journal.trades({ exitFrom, order: 'oldest' }));
  if (held === null || from < held.from || (changed !== null && changed <= held.from)) {
    return { from, revision, trades: since(from) };
  }
  if (changed === null) return { ...held, revision };
  return { ...held, revision, trades: joined(held.trades, placeOf(held.trades, changed), since(changed)) };
}

/**
 * Returns a store that reads trades once and counts a market once, until a trade closes or one leaves the look-back. When
 * trades have changed it reads those again that were closed at the first change or later. Counting goes over the same trades in the same order as `tradeSamples`, so the sums agree to the last bit.
 */
export function createSampleStore(journal: Pick<Journal, 'trades' | 'tradeChanges'>): SampleStore {
  let read: Held | null = null;
  let isAsked = false;
  let window = '';
  const samplesBy = new Map<string, readonly TradeSample[]>();
  let counting: Counting | null = null;
  const countAnew = (): void => {
    samplesBy.clear();
    counting = null;
  };

  const tradesFrom = (from: EpochMs): Counted => {
    if (read !== null && from >= read.from && !isAsked) return read.trades;
    const next = readAgain(journal, from, read);
    if (next.trades !== read?.trades) countAnew();
    read = next;
    isAsked = false;
    return read.trades;
  };
  return {
    of: (request) => {
      const from = lookBackFrom(request);
      const trades = tradesFrom(from);
      const [start, end] = [placeOf(trades, from), placeOf(trades, request.now)];
      const { scratchR } = request.config.sample;
      if (window !== `${start} ${end} ${scratchR}`) countAnew();
      window = `${start} ${end} ${scratchR}`;
      const key = `${request.instrument.root} ${request.instrument.group}`;
      counting ??= countingOf(trades, { start, end }, scratchR);
      const samples = samplesBy.get(key) ?? samplesFrom(counting, request);
      // Signals that came together look back as far.
      const asked = samples[0]?.from === from ? samples : samples.map((sample) => ({ ...sample, from }));
      samplesBy.set(key, asked);
      return asked;
    },
    forget: () => {
      isAsked = true;
    },
  };
}
