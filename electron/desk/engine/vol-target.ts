import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { MONEY_PER_USD } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';

import type { ContractSpec } from './futures/contract-table.ts';
import { firstInvalid, isNonNegative, isPositive } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { COMPARISON_TOLERANCE } from './numerics.ts';

/** Trading days of a year, to turn annual into daily volatility. */
const DAYS_PER_YEAR = 252;

export type VolTargetInput = {
  readonly spec: Pick<ContractSpec, 'pointValue'>;
  readonly equity: Money;
  /** Annual standard deviation of equity aimed at, as a share, ≥ 0. */
  readonly targetAnnualVolatility: number;
  /** Price in the quoted unit, > 0. */
  readonly price: number;
  /** Standard deviation of the instrument's daily simple returns, > 0. */
  readonly dailyVolatility: number;
};

/** Contracts before and after flooring; both 0 without equity. */
export type VolTarget = { readonly raw: number; readonly contracts: number };

/**
 * Contracts whose daily swing is the target's: floor(target/√252 · equity / (daily volatility · price · point value)).
 * @errors 'invalid-input' for NaN and figures outside their domains
 */
export function volTarget(input: VolTargetInput): Result<VolTarget, InvalidInput> {
  const { spec, equity, targetAnnualVolatility, price, dailyVolatility } = input;
  const swing = dailyVolatility * price * spec.pointValue * MONEY_PER_USD;
  const invalid = firstInvalid([
    ['equity', equity, Number.isFinite(equity)],
    ['targetAnnualVolatility', targetAnnualVolatility, isNonNegative(targetAnnualVolatility)],
    ['price', price, isPositive(price)],
    ['dailyVolatility', dailyVolatility, isPositive(dailyVolatility)],
  ]);
  if (invalid !== null) return err(invalid);
  if (equity <= 0) return ok({ raw: 0, contracts: 0 });
  const raw = ((targetAnnualVolatility / Math.sqrt(DAYS_PER_YEAR)) * equity) / swing;
  return ok({ raw, contracts: Math.floor(raw + COMPARISON_TOLERANCE) });
}
