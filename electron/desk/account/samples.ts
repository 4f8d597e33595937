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

/** What is counted of a trade: of months of them nothing else is held in memory. */
type Counted = Pick<Trade, 'root' | 'exitAt' | 'r' | 'net' | 'quantity'>;

const counted = ({ root, exitAt, r, net, quantity }: Trade): Counted => ({ root, exitAt, r, net, quantity });

/**
 * Counts trades as the payoff estimate needs them: net of costs, in R, scratches outside both counts.
 * Trades without a planned risk have no R and are left out.
 */
export function sampleOf(
  trades: readonly Counted[],
  scope: TradeSample['scope'],
  from: EpochMs,
  scratchR: number,
): TradeSample {
  let wins = 0;
  let losses = 0;
  let scratches = 0;
  let sumWinR = 0;
  let sumLossR = 0;
  let lossMoney = 0;
  let lossContracts = 0;
  for (const trade of trades) {
    if (trade.r === null) continue;
    if (Math.abs(trade.r) <= scratchR) scratches += 1;
    else if (trade.r > 0) {
      wins += 1;
      sumWinR += trade.r;
    } else {
      losses += 1;
      sumLossR -= trade.r;
      lossMoney -= trade.net;
      lossContracts += trade.quantity;
    }
  }
  return {
    scope,
    from,
    wins,
    losses,
    scratches,
    sumWinR,
    sumLossR,
    // Rounded up: the capital one contract stands for is never understated.
    averageLossPerContract: lossContracts === 0 ? null : money(Math.ceil(lossMoney / lossContracts)),
  };
}

export type SampleRequest = {
  readonly instrument: Instrument;
  readonly config: SizingConfig;
  readonly families: RootFamilies;
  readonly now: EpochMs;
};

const lookBackFrom = ({ config, now }: SampleRequest): EpochMs => epochMs(now - config.sample.lookBackDays * DAY_MS);

/** @param all the trades of the look-back, by exit, oldest first */
function samplesFrom(all: readonly Counted[], request: SampleRequest): readonly TradeSample[] {
  const { instrument, config, families } = request;
  const from = lookBackFrom(request);
  const ofMarket = new Set(families.sameMarket(instrument.root));
  const ofGroup = new Set(families.sameGroup(instrument.group));
  // An average loss per contract only means something within one contract size.
  const within = (roots: ReadonlySet<string>): readonly Counted[] => all.filter((t) => roots.has(t.root));
  const narrow = sampleOf(within(ofMarket), 'root', from, config.sample.scratchR);
  const own = sampleOf(within(new Set([instrument.root])), 'root', from, config.sample.scratchR);
  const averageLossPerContract = own.averageLossPerContract;
  return [
    { ...narrow, averageLossPerContract },
    { ...sampleOf(within(ofGroup), 'group', from, config.sample.scratchR), averageLossPerContract },
    { ...sampleOf(all, 'all', from, config.sample.scratchR), averageLossPerContract },
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
  const trades = journal.trades({ exitFrom: lookBackFrom(request), exitBefore: request.now, order: 'oldest' });
  return samplesFrom(trades, request);
}

/** The samples of `tradeSamples`, without reading the journal for every decision. */
export interface SampleStore {
  of(request: SampleRequest): readonly TradeSample[];
  /** Closed trades may be others than before. */
  forget(): void;
}

/** Place of the first trade that was closed at `at` or later. */
function placeOf(trades: readonly Counted[], at: EpochMs): number {
  let [low, high] = [0, trades.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((trades[middle]?.exitAt ?? Infinity) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Returns a store that reads trades once and counts a market once, until a trade closes or one leaves the look-back.
 * Counting goes over the same trades in the same order as `tradeSamples`, so the sums agree to the last bit.
 */
export function createSampleStore(journal: Pick<Journal, 'trades'>): SampleStore {
  let read: { readonly from: EpochMs; readonly trades: readonly Counted[] } | null = null;
  let window = '';
  const samplesBy = new Map<string, readonly TradeSample[]>();

  const tradesFrom = (from: EpochMs): readonly Counted[] => {
    if (read === null || from < read.from) {
      read = { from, trades: journal.trades({ exitFrom: from, order: 'oldest' }).map(counted) };
      samplesBy.clear();
    }
    return read.trades;
  };
  return {
    of: (request) => {
      const from = lookBackFrom(request);
      const trades = tradesFrom(from);
      const [start, end] = [placeOf(trades, from), placeOf(trades, request.now)];
      const { scratchR } = request.config.sample;
      if (window !== `${start} ${end} ${scratchR}`) samplesBy.clear();
      window = `${start} ${end} ${scratchR}`;
      const key = `${request.instrument.root} ${request.instrument.group}`;
      const samples = samplesBy.get(key) ?? samplesFrom(trades.slice(start, end), request);
      samplesBy.set(key, samples);
      return samples.map((sample) => ({ ...sample, from }));
    },
    forget: () => {
      read = null;
      samplesBy.clear();
    },
  };
}
