import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { MONEY_PER_USD } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';

import { microOf } from './futures/contract-table.ts';
import type { ContractSpec } from './futures/contract-table.ts';
import { firstInvalid, invalidInput, isNonNegative, isPositive, isProbability } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { floorContracts } from './numerics.ts';

/** What one contract is taken to cost when a fraction of equity is turned into contracts. */
export type SizingBasis = 'stop' | 'avgLoss' | 'stopOrAvgLoss' | 'margin' | 'notional';

/** The limit that set the number of contracts; a number of 0 always names why. */
export type LimitedBy = 'KELLY' | 'RISK_CAP' | 'MAX_CONTRACTS' | 'TOO_SMALL' | 'NO_EQUITY';

export type SizingInput = {
  readonly spec: ContractSpec;
  /** Realised equity plus min(0, open P&L). */
  readonly equity: Money;
  /** Fraction of equity lost when one losing outcome occurs, after every shrinkage and cap; in [0, 1]. */
  readonly fraction: number;
  readonly basis: SizingBasis;
  /** Ticks from entry to stop, > 0. */
  readonly stopTicks: number;
  /** Ticks expected to be lost beyond the stop; a mean, so it need not be whole. */
  readonly slippageTicks: number;
  /** Fees and commission of one contract, in and out. */
  readonly roundTurnCost: Money;
  /**
   * Mean net loss per contract in the journal, float64 of 1e-4 USD, ≥ 0. Needed by `avgLoss`; without it
   * `stopOrAvgLoss` is the stop alone.
   */
  readonly averageLoss?: number;
  /** Initial margin of one contract; needed by `margin`. */
  readonly margin?: Money;
  /** Price in the quoted unit; needed by `notional`. */
  readonly price?: number;
  /** Largest fraction of equity that the stop may lose on this trade, in [0, 1]; absent means no such limit. */
  readonly riskCap?: number;
  /** Integer ≥ 0; absent means no such limit. */
  readonly maxContracts?: number;
};

/**
 * A number of contracts with every figure behind it. Amounts are float64 of 1e-4 USD, not Money: with a mean loss or
 * a fractional slippage they are no whole number of units, and rounding them would move the size.
 */
export type SizingResult = {
  readonly capitalPerContract: number;
  /** fraction · equity / capital per contract, before flooring; 0 without equity. */
  readonly raw: number;
  readonly contracts: number;
  readonly limitedBy: LimitedBy;
  /** What the stop loses per contract: distance, slippage and costs, whatever the basis. */
  readonly riskPerContract: number;
  readonly risk: number;
  /** Risk as a share of equity; 0 without equity. */
  readonly riskFraction: number;
  /** Contracts that each limit alone allows; null where the limit is absent. */
  readonly allowed: { readonly kelly: number; readonly riskCap: number | null; readonly maxContracts: number | null };
};

/** A figure the chosen basis needs and did not get. */
export type MissingInput = { readonly code: 'missing-input'; readonly field: 'averageLoss' | 'margin' | 'price' };

export type SizingError = InvalidInput | MissingInput;

const isCount = (value: number): boolean => isNonNegative(value) && Number.isInteger(value);

/** Fields that are absent where they may be are not checked. */
function invalidField(input: SizingInput): InvalidInput | null {
  const { averageLoss = 0, margin = 1, price = 1, riskCap = 1, maxContracts = 0 } = input;
  return firstInvalid([
    ['equity', input.equity, Number.isFinite(input.equity)],
    ['fraction', input.fraction, isProbability(input.fraction)],
    ['stopTicks', input.stopTicks, isPositive(input.stopTicks)],
    ['slippageTicks', input.slippageTicks, isNonNegative(input.slippageTicks)],
    ['roundTurnCost', input.roundTurnCost, isNonNegative(input.roundTurnCost)],
    ['averageLoss', averageLoss, isNonNegative(averageLoss)],
    ['margin', margin, isPositive(margin)],
    ['price', price, isPositive(price)],
    ['riskCap', riskCap, isProbability(riskCap)],
    ['maxContracts', maxContracts, isCount(maxContracts)],
  ]);
}

const missing = (field: MissingInput['field']): Result<never, MissingInput> => err({ code: 'missing-input', field });

const stopRisk = ({ spec, stopTicks, slippageTicks, roundTurnCost }: SizingInput): number =>
  (stopTicks + slippageTicks) * spec.tickValue + roundTurnCost;

/** Capital per contract of the basis, float64 of 1e-4 USD. */
function capitalOf(input: SizingInput): Result<number, MissingInput> {
  switch (input.basis) {
    case 'stop':
      return ok(stopRisk(input));
    case 'avgLoss':
      return input.averageLoss === undefined ? missing('averageLoss') : ok(input.averageLoss);
    case 'stopOrAvgLoss':
      return ok(Math.max(stopRisk(input), input.averageLoss ?? 0));
    case 'margin':
      return input.margin === undefined ? missing('margin') : ok(input.margin);
    case 'notional':
      return input.price === undefined ? missing('price') : ok(input.price * input.spec.pointValue * MONEY_PER_USD);
  }
}

type Allowed = SizingResult['allowed'];

/** Each limit takes over only when it allows strictly less than what came before it; zero is TOO_SMALL. */
function smallest({ kelly, riskCap, maxContracts }: Allowed): { contracts: number; limitedBy: LimitedBy } {
  let [contracts, limitedBy]: [number, LimitedBy] = [kelly, 'KELLY'];
  if (riskCap !== null && riskCap < contracts) [contracts, limitedBy] = [riskCap, 'RISK_CAP'];
  if (maxContracts !== null && maxContracts < contracts) [contracts, limitedBy] = [maxContracts, 'MAX_CONTRACTS'];
  return contracts === 0 ? { contracts, limitedBy: 'TOO_SMALL' } : { contracts, limitedBy };
}

/**
 * Turns a fraction of equity into whole contracts: floor(fraction · equity / capital per contract + 1e-9), then the
 * per-trade risk ceiling, then the contract limit. Never rounds up; equity ≤ 0 is 0 contracts, NO_EQUITY.
 * @errors 'invalid-input' for NaN or an out-of-domain number, a capital ≤ 0 among them; 'missing-input' when the basis needs
 *   a figure that is absent
 */
export function contractsFor(input: SizingInput): Result<SizingResult, SizingError> {
  const invalid = invalidField(input);
  if (invalid !== null) return err(invalid);
  const capital = capitalOf(input);
  if (!capital.ok) return capital;
  if (!isPositive(capital.value)) return err(invalidInput('capitalPerContract', capital.value));
  const { equity, fraction, riskCap, maxContracts = null } = input;
  const perContract = { capitalPerContract: capital.value, riskPerContract: stopRisk(input) };
  if (equity <= 0) {
    const allowed = { kelly: 0, riskCap: null, maxContracts };
    return ok({ ...perContract, raw: 0, contracts: 0, limitedBy: 'NO_EQUITY', risk: 0, riskFraction: 0, allowed });
  }
  const kelly = floorContracts(equity, fraction, capital.value);
  if (!kelly.ok) return kelly;
  const capped = riskCap === undefined ? ok(null) : floorContracts(equity, riskCap, perContract.riskPerContract);
  if (!capped.ok) return capped;
  const allowed = { kelly: kelly.value, riskCap: capped.value, maxContracts };
  const { contracts, limitedBy } = smallest(allowed);
  const risk = contracts * perContract.riskPerContract;
  const raw = (fraction * equity) / capital.value;
  return ok({ ...perContract, raw, contracts, limitedBy, risk, riskFraction: risk / equity, allowed });
}

/** The same trade in the smaller contract of the underlying. */
export type MicroSuggestion = { readonly root: string; readonly sizing: SizingResult };

/**
 * Sizes the same trade in the micro of its contract: same stop distance in price, amounts scaled by point value, the
 * same limits. Meant for a size that is TOO_SMALL. Null when there is no micro or it is too small as well.
 * @param roundTurnCost fees of one micro contract
 * @param margin initial margin of one micro; scaled from the larger contract's when absent
 */
export function suggestMicro(
  input: SizingInput,
  { roundTurnCost, margin }: { readonly roundTurnCost: Money; readonly margin?: Money },
): MicroSuggestion | null {
  const micro = microOf(input.spec.root);
  if (micro === null) return null;
  const tickRatio = input.spec.tickSize / micro.tickSize;
  const valueRatio = micro.pointValue / input.spec.pointValue;
  const scaledMargin =
    margin ?? (input.margin === undefined ? undefined : (Math.ceil(input.margin * valueRatio) as Money));
  const sizing = contractsFor({
    ...input,
    spec: micro,
    stopTicks: input.stopTicks * tickRatio,
    slippageTicks: input.slippageTicks * tickRatio,
    roundTurnCost,
    ...(input.averageLoss === undefined ? {} : { averageLoss: input.averageLoss * valueRatio }),
    ...(scaledMargin === undefined ? {} : { margin: scaledMargin }),
  });
  return sizing.ok && sizing.value.contracts > 0 ? { root: micro.root, sizing: sizing.value } : null;
}

export type BuyingPowerInput = {
  readonly equity: Money;
  /** Initial margin of one contract, > 0. */
  readonly marginPerContract: Money;
  /** Initial margin of everything held and reserved, ≥ 0. */
  readonly marginInUse: Money;
  /** Largest share of equity that may be bound as margin, in [0, 1]. */
  readonly maxMarginShare?: number;
};

/** Share of equity that margin may bind (quant.md 4.1). */
export const DEFAULT_MARGIN_SHARE = 0.5;

/**
 * Returns how many more contracts the margin rule allows: Σ contracts · margin ≤ share · equity. 0 without equity.
 * @errors 'invalid-input'
 */
export function buyingPowerContracts(input: BuyingPowerInput): Result<number, InvalidInput> {
  const { equity, marginPerContract, marginInUse, maxMarginShare = DEFAULT_MARGIN_SHARE } = input;
  const invalid = firstInvalid([
    ['equity', equity, Number.isFinite(equity)],
    ['marginPerContract', marginPerContract, isPositive(marginPerContract)],
    ['marginInUse', marginInUse, isNonNegative(marginInUse)],
    ['maxMarginShare', maxMarginShare, isProbability(maxMarginShare)],
  ]);
  if (invalid !== null) return err(invalid);
  const free = maxMarginShare * equity - marginInUse;
  return free <= 0 ? ok(0) : floorContracts(free, 1, marginPerContract);
}
