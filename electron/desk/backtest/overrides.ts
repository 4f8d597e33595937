import { stationaryBootstrapMeanCI } from '#desk/engine/bootstrap.ts';
import type { OverrideReport } from '#shared/domain/backtest.ts';
import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { money, usdOf } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';

/** Below this many overrides of a type, a mean says nothing: counts only. */
export const MIN_OVERRIDES_FOR_INTERVAL = 30;

/** What the trader changed: rejected a suggestion, traded without one, or took more or fewer contracts. */
export type OverrideType = 'rejected' | 'initiated' | 'increased' | 'decreased';

export const OVERRIDE_TYPES = [
  'rejected',
  'initiated',
  'increased',
  'decreased',
] as const satisfies readonly OverrideType[];

/** One opportunity with both sizes, contracts ≥ 0, and what one contract made net, real or counterfactual. */
export type OverriddenTrade = {
  readonly id: number | string;
  readonly suggested: number;
  readonly executed: number;
  readonly net: Money;
};

export type OverrideSum = { readonly count: number; readonly value: Money };

/** The value of the trader's changes of size, at the same outcome per contract. */
export type OverrideValue = {
  readonly modelPnl: Money;
  readonly executedPnl: Money;
  /** Executed − model. */
  readonly value: Money;
  readonly byType: Readonly<Record<OverrideType, OverrideSum>>;
};

/** Names what the trader did with a suggestion; null when it was taken as suggested. */
export function overrideType({
  suggested,
  executed,
}: Pick<OverriddenTrade, 'suggested' | 'executed'>): OverrideType | null {
  if (executed === suggested) return null;
  if (executed === 0) return 'rejected';
  if (suggested === 0) return 'initiated';
  return executed > suggested ? 'increased' : 'decreased';
}

const total = (amounts: readonly number[]): Money => money(amounts.reduce((sum, amount) => sum + amount, 0));

const valueOf = ({ suggested, executed, net }: OverriddenTrade): number => (executed - suggested) * net;

const ofType = (trades: readonly OverriddenTrade[], type: OverrideType): readonly OverriddenTrade[] =>
  trades.filter((trade) => overrideType(trade) === type);

/**
 * Returns what the trader's changes of size were worth: Σ (executed − suggested)·net, in all and by type. Exact.
 * A rejected suggestion must carry its counterfactual outcome; one without an outcome does not belong in the list.
 */
export function overrideValue(trades: readonly OverriddenTrade[]): OverrideValue {
  const sumOf = (type: OverrideType): OverrideSum => {
    const matching = ofType(trades, type);
    return { count: matching.length, value: total(matching.map(valueOf)) };
  };
  const modelPnl = total(trades.map((trade) => trade.suggested * trade.net));
  const executedPnl = total(trades.map((trade) => trade.executed * trade.net));
  return {
    modelPnl,
    executedPnl,
    value: money(executedPnl - modelPnl),
    byType: {
      rejected: sumOf('rejected'),
      initiated: sumOf('initiated'),
      increased: sumOf('increased'),
      decreased: sumOf('decreased'),
    },
  };
}

/** 90 % interval of the mean value per override, in USD; null when there are fewer than 30. */
export type OverrideInterval = {
  readonly count: number;
  readonly interval: { readonly mean: number; readonly lower: number; readonly upper: number } | null;
};

/**
 * Returns, by type, how many overrides there were and the bootstrap interval of their mean value (i.i.d., B = 1999).
 * @param seed stored with the result: the same seed gives the same bits
 */
export function overrideIntervals(
  trades: readonly OverriddenTrade[],
  seed: number,
): Readonly<Record<OverrideType, OverrideInterval>> {
  const intervalOf = (type: OverrideType): OverrideInterval => {
    const values = ofType(trades, type).map((trade) => usdOf(money(valueOf(trade))));
    if (values.length < MIN_OVERRIDES_FOR_INTERVAL) return { count: values.length, interval: null };
    const result = stationaryBootstrapMeanCI(values, { meanBlock: 1, resamples: 1999, seed, confidence: 0.9 });
    if (!result.ok) throw new RangeError(`${result.error.field} is ${result.error.value}`);
    const { mean, lower, upper } = result.value;
    const isComplete = mean !== null && lower !== null && upper !== null;
    return { count: values.length, interval: isComplete ? { mean, lower, upper } : null };
  };
  return {
    rejected: intervalOf('rejected'),
    initiated: intervalOf('initiated'),
    increased: intervalOf('increased'),
    decreased: intervalOf('decreased'),
  };
}

/** One opportunity with the planned outcome and the real one, per contract. `actualNet` is null when not executed. */
export type PlannedTrade = {
  readonly id: number | string;
  readonly suggested: number;
  readonly executed: number;
  readonly planNet: Money;
  readonly actualNet: Money | null;
};

/** actual − model = size effect + exit effect, exactly. */
export type OverrideDecomposition = {
  readonly modelPnl: Money;
  readonly actualPnl: Money;
  /** Σ (executed − suggested)·plan: selection and size. */
  readonly sizeEffect: Money;
  /** Σ executed·(actual − plan): leaving the planned stop or target. */
  readonly exitEffect: Money;
};

/** An executed trade whose real outcome is missing. */
export type MissingOutcome = { readonly code: 'missing-outcome'; readonly id: number | string };

type Split = {
  readonly suggested: number;
  readonly filled: number;
  /** Planned outcome of one contract, and what all filled ones made. */
  readonly planNet: Money;
  readonly actualNet: number;
};

/** T − M = Σ (filled − suggested)·plan + Σ (actual − filled·plan), to the last unit. */
const split = (trades: readonly Split[]): OverrideDecomposition => ({
  modelPnl: total(trades.map(({ suggested, planNet }) => suggested * planNet)),
  actualPnl: total(trades.map(({ actualNet }) => actualNet)),
  sizeEffect: total(trades.map(({ filled, suggested, planNet }) => (filled - suggested) * planNet)),
  exitEffect: total(trades.map(({ filled, planNet, actualNet }) => actualNet - filled * planNet)),
});

/**
 * Splits the difference between what the trader made and what the model's sizes and exits would have made.
 * @errors 'missing-outcome' when a trade was executed and has no actual outcome
 */
export function overrideDecomposition(trades: readonly PlannedTrade[]): Result<OverrideDecomposition, MissingOutcome> {
  const missing = trades.find((trade) => trade.executed !== 0 && trade.actualNet === null);
  if (missing !== undefined) return err({ code: 'missing-outcome', id: missing.id });
  return ok(
    split(
      trades.map(({ executed, actualNet, ...rest }) => ({
        ...{ ...rest, filled: executed },
        actualNet: executed * (actualNet ?? 0),
      })),
    ),
  );
}

/** One opportunity as recommended and as it was taken. Contracts ≥ 0. */
export type TakenTrade = {
  readonly id: string;
  readonly suggested: number;
  /** Contracts the trader let through, and those that were filled. */
  readonly sent: number;
  readonly filled: number;
  /** Planned outcome of one contract. */
  readonly planNet: Money;
  /** What all filled contracts made. */
  readonly actualNet: Money;
};

/**
 * Returns what the trader's changes were worth: actual − model = size effect + exit effect, exactly, and the size effect
 * by kind of change with its interval. An entry the market did not fill is nobody's override: it is in the size effect,
 * and in no kind.
 * @param seed stored with the result: the same seed gives the same bits
 * @source quant.md 8.2
 */
export function overrideReport(trades: readonly TakenTrade[], seed: number): OverrideReport {
  const changed = trades.map(({ id, suggested, sent, planNet }) => ({ id, suggested, executed: sent, net: planNet }));
  const intervals = overrideIntervals(changed, seed);
  const { byType } = overrideValue(changed);
  return {
    opportunities: trades.length,
    ...split(trades),
    byType: OVERRIDE_TYPES.map((type) => ({ type, ...byType[type], interval: intervals[type].interval })),
  };
}
