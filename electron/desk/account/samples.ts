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
 * Counts trades as the payoff estimate needs them: net of costs, in R, scratches outside both counts.
 * Trades without a planned risk have no R and are left out.
 */
export function sampleOf(
  trades: readonly Trade[],
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

/**
 * Returns the trader's closed trades of the look-back as samples, narrow to wide: the market (mini and micro together),
 * its asset group, all. A trade counts when it was closed strictly before `now`.
 */
export function tradeSamples(parts: {
  readonly journal: Journal;
  readonly instrument: Instrument;
  readonly config: SizingConfig;
  readonly families: RootFamilies;
  readonly now: EpochMs;
}): readonly TradeSample[] {
  const { journal, instrument, config, families, now } = parts;
  const from = epochMs(now - config.sample.lookBackDays * DAY_MS);
  const all = journal.trades({ exitFrom: from, exitBefore: now, order: 'oldest' });
  const ofMarket = new Set(families.sameMarket(instrument.root));
  const ofGroup = new Set(families.sameGroup(instrument.group));
  // An average loss per contract only means something within one contract size.
  const within = (roots: ReadonlySet<string>): readonly Trade[] => all.filter((t) => roots.has(t.root));
  const narrow = sampleOf(within(ofMarket), 'root', from, config.sample.scratchR);
  const own = sampleOf(within(new Set([instrument.root])), 'root', from, config.sample.scratchR);
  const averageLossPerContract = own.averageLossPerContract;
  return [
    { ...narrow, averageLossPerContract },
    { ...sampleOf(within(ofGroup), 'group', from, config.sample.scratchR), averageLossPerContract },
    { ...sampleOf(all, 'all', from, config.sample.scratchR), averageLossPerContract },
  ];
}
