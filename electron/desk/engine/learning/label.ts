import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar } from '#shared/domain/market.ts';
import type { Direction } from '#shared/units.ts';
import { exitIn, netOf } from '#desk/engine/planned-outcome.ts';
import { planPrices, planTrade, type Planning } from '#desk/engine/plan.ts';

/** What a model learns to foresee: which of the two planned trades nets above zero. They cannot both. */
export type Outcome = 'long' | 'short' | 'neither';

/** The trade that is planned at each bar, and how many bars it has to end. */
export type LabelSpec = {
  readonly planning: Planning;
  /** Bars after which a planned trade is marked out at the close. */
  readonly horizonBars: number;
  readonly instrument: Pick<Instrument, 'tickValue' | 'roundTurnFee' | 'slippageTicks'>;
};

export type Label = {
  readonly outcome: Outcome;
  /** Index of the bar whose close settled both trades: the label's life is the bars after its own up to this one. */
  readonly settledIndex: number;
};

/** Bars the average range of a plan is taken over: older ones weigh less than 1e-9 in Wilder's mean. */
const PLAN_BARS = 300;

/** Where one planned trade ends: its net per contract, and the bar; null when the bars end first. */
function ending(
  bars: readonly Bar[],
  at: { readonly index: number; readonly direction: Direction; readonly plan: Parameters<typeof planPrices>[0] },
  { horizonBars, instrument }: LabelSpec,
): { readonly net: number; readonly index: number } | null {
  const trade = { direction: at.direction, ...planPrices(at.plan, at.direction) };
  for (let index = at.index + 1; index <= at.index + horizonBars; index += 1) {
    const bar = bars[index];
    if (bar === undefined) return null;
    const left = exitIn(bar, trade);
    if (left !== null) return { net: netOf(instrument, trade, left.exit, left.price), index };
    if (index === at.index + horizonBars) return { net: netOf(instrument, trade, 'timeout', bar.close), index };
  }
  return null;
}

/**
 * Labels the bar at `index`: both trades planned at its close are followed on the bars after it, as the desk follows
 * the signals it makes (stop first where one bar holds both, gaps at the open, fees and stop slippage taken off).
 * @param bars completed bars of one symbol, oldest first
 * @returns null without a plan (too few bars before) or before both trades have ended
 * @source quant.md 0.1 S3: y = 1 iff the planned trade (entry, stop, target, costs) nets > 0
 */
export function labelAt(bars: readonly Bar[], index: number, spec: LabelSpec): Label | null {
  const plan = planTrade(bars.slice(Math.max(0, index + 1 - PLAN_BARS), index + 1), spec.planning);
  if (plan === null) return null;
  const long = ending(bars, { index, direction: 1, plan }, spec);
  const short = ending(bars, { index, direction: -1, plan }, spec);
  if (long === null || short === null) return null;
  const outcome = long.net > 0 ? 'long' : short.net > 0 ? 'short' : 'neither';
  return { outcome, settledIndex: Math.max(long.index, short.index) };
}
