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
  const roots = [...new Set([...first.roots, ...others.roots])];
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

/** Some of the counted trades: from `start` to before `end`, of some roots. */
type Part = { readonly start: number; readonly end: number; readonly roots: readonly string[] };

type Counts = Omit<TradeSample, 'scope' | 'from'>;

/** Counts trades as the payoff estimate needs them: net of costs, in R, scratches outside both counts. */
function countsOf(trades: Counted, { start, end, roots }: Part, scratchR: number): Counts {
  const isWanted = trades.roots.map((root) => roots.includes(root));
  let [wins, losses, scratches] = [0, 0, 0];
  let [sumWinR, sumLossR, lossMoney, lossContracts] = [0, 0, 0, 0];
  for (let i = start; i < end; i += 1) {
    if (isWanted[trades.root[i] ?? -1] !== true) continue;
    const r = trades.r[i] ?? NaN;
    if (Math.abs(r) <= scratchR) scratches += 1;
    else if (r > 0) {
      wins += 1;
      sumWinR += r;
    } else {
      losses += 1;
      sumLossR -= r;
      lossMoney -= trades.net[i] ?? NaN;
      lossContracts += trades.quantity[i] ?? NaN;
    }
  }
  // Rounded up: the capital one contract stands for is never understated.
  const averageLossPerContract = lossContracts === 0 ? null : money(Math.ceil(lossMoney / lossContracts));
  return { wins, losses, scratches, sumWinR, sumLossR, averageLossPerContract };
}

export type SampleRequest = {
  readonly instrument: Instrument;
  readonly config: SizingConfig;
  readonly families: RootFamilies;
  readonly now: EpochMs;
};

const lookBackFrom = ({ config, now }: SampleRequest): EpochMs => epochMs(now - config.sample.lookBackDays * DAY_MS);

/**
 * @param counts of the same range and scratches, by the roots that are traded: a group of one traded market is that market,
 * and all markets are the same for each of them
 */
function samplesFrom(
  trades: Counted,
  range: Pick<Part, 'start' | 'end'>,
  { counts, ...request }: SampleRequest & { readonly counts: Map<string, Counts> },
): readonly TradeSample[] {
  const { instrument, config, families } = request;
  const from = lookBackFrom(request);
  const countsBy = (wanted: readonly string[]): Counts => {
    const roots = trades.roots.filter((root) => wanted.includes(root));
    const key = roots.join(' ');
    const found = counts.get(key) ?? countsOf(trades, { ...range, roots }, config.sample.scratchR);
    counts.set(key, found);
    return found;
  };
  // An average loss per contract only means something within one contract size.
  const { averageLossPerContract } = countsBy([instrument.root]);
  const sample = (scope: TradeSample['scope'], roots: readonly string[]): TradeSample => ({
    ...{ scope, from },
    ...countsBy(roots),
    averageLossPerContract,
  });
  return [
    sample('root', families.sameMarket(instrument.root)),
    sample('group', families.sameGroup(instrument.group)),
    sample('all', trades.roots),
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
  return samplesFrom(trades, { start: 0, end: trades.r.length }, { ...request, counts: new Map() });
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
  const counts = new Map<string, Counts>();
  const countAnew = (): void => {
    samplesBy.clear();
    counts.clear();
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
      const samples = samplesBy.get(key) ?? samplesFrom(trades, { start, end }, { ...request, counts });
      samplesBy.set(key, samples);
      return samples.map((sample) => ({ ...sample, from }));
    },
    forget: () => {
      isAsked = true;
    },
  };
}
