import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar } from '#shared/domain/market.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import type { TradePlan } from '#shared/domain/sizing.ts';
import { ticks, type EpochMs, type Money, type Ticks } from '#shared/units.ts';
import { planPrices } from '#desk/engine/plan.ts';
import { exitIn, netOf } from '#desk/engine/planned-outcome.ts';
import type { JournalEventOf } from '#desk/ports/events.ts';

/** A signal whose planned trade is followed on recorded bars to its end, whoever took it. */
export type Shadow = {
  readonly recommendationId: string;
  readonly symbol: string;
  readonly direction: 1 | -1;
  readonly entry: Ticks;
  readonly stop: Ticks;
  readonly target: Ticks;
  readonly openedAt: EpochMs;
  readonly combined: number | null;
  readonly probability: number | null;
  readonly suggested: number;
  readonly riskPerContract: Money;
};

export type Outcome = JournalEventOf<'outcome'>;

type Claim = Pick<Shadow, 'direction' | 'combined' | 'probability'>;

/**
 * What the signal claims: a direction, how sure both models are of it, and the probability the size used. A signal below
 * the gate claims a direction too, and is followed like the others: the gate is judged by it. Null without a direction.
 */
function claimOf({ decision, opinions }: Recommendation): Claim | null {
  const first = decision.ladder[0];
  const combined = first?.code === 'probability' ? first.combined : null;
  if (decision.direction !== 0) {
    const { direction, winProbability } = decision;
    return winProbability === null ? null : { direction, combined, probability: winProbability };
  }
  const direction = opinions.lstm?.direction ?? 0;
  if (combined === null || direction === 0 || direction !== opinions.ensemble?.direction) return null;
  return { direction, combined, probability: null };
}

/**
 * Returns what is followed of a recommendation; null when its signal never got as far as a planned trade.
 * @param plan the planned trade its decision looked at
 */
export function shadowOf(recommendation: Recommendation, plan: TradePlan | null): Shadow | null {
  const { decision } = recommendation;
  const claim = claimOf(recommendation);
  if (claim === null || plan === null || decision.riskPerContract === null) return null;
  return {
    recommendationId: recommendation.id,
    symbol: recommendation.symbol,
    ...claim,
    ...planPrices(plan, claim.direction),
    openedAt: recommendation.createdAt,
    suggested: decision.contracts,
    riskPerContract: decision.riskPerContract,
  };
}

/** Follows planned trades bar by bar. */
export interface Shadows {
  follow(shadow: Shadow): void;
  /** Returns what this bar resolved. Only bars that open at or after the signal count. */
  onBar(bar: Bar): readonly Outcome[];
  open(): readonly Shadow[];
}

/** Bars after which a planned trade is marked out at the close. */
export type ShadowLimits = { readonly maxBars: number };

/** Returns a follower of planned trades. */
export function createShadows(instrument: (symbol: string) => Instrument, limits: ShadowLimits): Shadows {
  const bySymbol = new Map<string, { shadow: Shadow; bars: number }[]>();

  const outcomeOf = (shadow: Shadow, exit: Outcome['exit'], price: Ticks, at: EpochMs): Outcome => {
    const net = netOf(instrument(shadow.symbol), shadow, exit, price);
    return {
      kind: 'outcome',
      recommendationId: shadow.recommendationId,
      symbol: shadow.symbol,
      decidedAt: shadow.openedAt,
      exit,
      exitPrice: ticks(price),
      exitAt: at,
      netPerContract: net,
      r: net / shadow.riskPerContract,
      combined: shadow.combined,
      probability: shadow.probability,
      suggested: shadow.suggested,
      riskPerContract: shadow.riskPerContract,
    };
  };

  return {
    follow: (shadow) => {
      const list = bySymbol.get(shadow.symbol) ?? [];
      list.push({ shadow, bars: 0 });
      bySymbol.set(shadow.symbol, list);
    },
    onBar: (bar) => {
      const list = bySymbol.get(bar.symbol);
      if (list === undefined || list.length === 0) return [];
      const outcomes: Outcome[] = [];
      const staying = list.filter((followed) => {
        const { shadow } = followed;
        if (bar.openAt < shadow.openedAt) return true;
        followed.bars += 1;
        const left = exitIn(bar, shadow);
        if (left !== null) outcomes.push(outcomeOf(shadow, left.exit, left.price, bar.closeAt));
        else if (followed.bars >= limits.maxBars) outcomes.push(outcomeOf(shadow, 'timeout', bar.close, bar.closeAt));
        else return true;
        return false;
      });
      bySymbol.set(bar.symbol, staying);
      return outcomes;
    },
    open: () => [...bySymbol.values()].flatMap((list) => list.map(({ shadow }) => shadow)),
  };
}
