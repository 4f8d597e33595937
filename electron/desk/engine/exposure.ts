import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { money, MONEY_PER_USD, sumMoney } from '#shared/units.ts';
import type { Direction, Money, Ticks } from '#shared/units.ts';

import type { ContractSpec } from './futures/contract-table.ts';
import { priceOf } from './futures/prices.ts';
import { firstInvalid, firstInvalidItem, invalidInput, isNonNegative, isPositive } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { at, isCorrelation } from './matrix.ts';
import type { Matrix } from './matrix.ts';
import { COMPARISON_TOLERANCE, neumaierSum } from './numerics.ts';

/** Without a stop a position is taken to risk this many daily standard deviations (quant.md 5.1). */
const UNSTOPPED_DAYS = 3;

/** Pairs below this signed correlation are no partners (quant.md 5.2). */
export const DEFAULT_RHO_MIN = 0.5;

/** Neither a stop, a margin nor a volatility: the risk is unknown, which is never 0. */
export type UnknownRisk = { readonly code: 'unknown-risk'; readonly root: string };

export type PositionRiskInput = {
  readonly spec: ContractSpec;
  readonly direction: Direction;
  /** Integer ≥ 0. */
  readonly contracts: number;
  readonly mark: Ticks;
  readonly stop: Ticks | null;
  /** Ticks expected to be lost beyond the stop, per contract. */
  readonly slippageTicks: number;
  /** Fees still to be paid per contract. */
  readonly feesPerContract: Money;
  readonly initialMargin: Money | null;
  /** Standard deviation of daily simple returns; null when unknown. */
  readonly dailyVolatility: number | null;
};

export type PositionRisk = { readonly risk: Money; readonly basis: 'stop' | 'margin' | 'volatility' };

function invalidPosition(input: PositionRiskInput): InvalidInput | null {
  const { contracts, slippageTicks, feesPerContract, initialMargin, dailyVolatility } = input;
  return firstInvalid([
    ['contracts', contracts, isNonNegative(contracts) && Number.isInteger(contracts)],
    ['slippageTicks', slippageTicks, isNonNegative(slippageTicks)],
    ['feesPerContract', feesPerContract, isNonNegative(feesPerContract)],
    ['initialMargin', initialMargin ?? 0, isNonNegative(initialMargin ?? 0)],
    ['dailyVolatility', dailyVolatility ?? 0, isNonNegative(dailyVolatility ?? 0)],
  ]);
}

/** Rounds up to 1e-4 USD: risk is never understated. Figures already whole within rounding stay as they are. */
const ceilMoney = (units: number): Money => money(Math.ceil(units - 1e-6));

/**
 * What current equity loses if the stop is hit: contracts · (max(0, (mark − stop)·direction)·tick value + slippage +
 * fees). A stop trailed past the entry still risks open profit; a stop beyond the mark risks slippage and fees only.
 * Without a stop: contracts · max(initial margin, 3 · daily volatility · notional), of those that are known.
 * @errors 'invalid-input'; 'unknown-risk' when there is neither stop, margin nor volatility
 * @source quant.md 5.1
 */
export function positionRisk(input: PositionRiskInput): Result<PositionRisk, InvalidInput | UnknownRisk> {
  const invalid = invalidPosition(input);
  if (invalid !== null) return err(invalid);
  const { spec, direction, contracts, mark, stop, initialMargin, dailyVolatility } = input;
  if (contracts === 0) return ok({ risk: money(0), basis: 'stop' });
  if (stop !== null) {
    const distance = Math.max(0, (mark - stop) * direction) + input.slippageTicks;
    return ok({ risk: ceilMoney(contracts * (distance * spec.tickValue + input.feesPerContract)), basis: 'stop' });
  }
  const margin = initialMargin === null || initialMargin === 0 ? null : initialMargin;
  const notional = Math.abs(priceOf(spec, mark)) * spec.pointValue * MONEY_PER_USD;
  const move = dailyVolatility === null ? 0 : UNSTOPPED_DAYS * dailyVolatility * notional;
  if (margin === null && move === 0) return err({ code: 'unknown-risk', root: spec.root });
  const isMargin = (margin ?? 0) >= move;
  return ok({ risk: ceilMoney(contracts * Math.max(margin ?? 0, move)), basis: isMargin ? 'margin' : 'volatility' });
}

/**
 * Heat: the sum of risks as a share of equity. Accepted recommendations that are still pending count as positions.
 * @param equity > 0; without equity there is no share
 * @errors 'invalid-input' when equity is not positive or a risk is negative
 */
export function portfolioHeat(risks: readonly Money[], equity: Money): Result<number, InvalidInput> {
  const invalid =
    firstInvalid([['equity', equity, isPositive(equity)]]) ?? firstInvalidItem('risks', risks, isNonNegative);
  return invalid === null ? ok(sumMoney(risks) / equity) : err(invalid);
}

/** A position or a reservation: its direction and its risk as a share of equity, ≥ 0. */
export type RiskShare = { readonly direction: Direction; readonly risk: number };

export type CorrelatedExposure = {
  /** Sum of risks. */
  readonly heat: number;
  /** X_i of each position: its own risk and its partners' in proportion to correlation; 0 when it has no risk. */
  readonly cluster: readonly number[];
  /** Whether another position with risk has a signed correlation with this one of at least the minimum. */
  readonly hasPartner: readonly boolean[];
  /** Largest X_i of a position with a partner, 0 when none has one: the figure the limit applies to. */
  readonly clusterMax: number;
  /** √(sᵀρs) with signed risks. For information only: it credits hedges. */
  readonly corrAdjusted: number;
};

/** Signed correlation when it reaches the minimum, else 0. Opposite directions of alike markets give no credit. */
export function partnerCorrelation(rho: number, directions: readonly [Direction, Direction], rhoMin: number): number {
  const signed = rho * directions[0] * directions[1];
  return signed >= rhoMin - COMPARISON_TOLERANCE ? signed : 0;
}

function clusterOf(positions: readonly RiskShare[], i: number, partner: (i: number, j: number) => number): number[] {
  return positions.flatMap((other, j) =>
    j !== i && other.risk > 0 && partner(i, j) > 0 ? [partner(i, j) * other.risk] : [],
  );
}

/**
 * Measures how much risk moves together: X_i = r_i + Σ_{j≠i} ρ⁺_ij r_j, where ρ⁺ is the signed correlation if it
 * reaches rhoMin, else 0. A lone position is never correlated. Independent of the order of positions up to rounding.
 * @param rho correlations of price changes, rho[i][j] of positions i and j
 * @param rhoMin in (0, 1]
 * @errors 'invalid-input' for a negative or NaN risk, a matrix that is no correlation of this size, rhoMin outside (0, 1]
 * @source quant.md 5.2
 */
export function correlatedExposure(
  positions: readonly RiskShare[],
  rho: Matrix,
  rhoMin: number = DEFAULT_RHO_MIN,
): Result<CorrelatedExposure, InvalidInput> {
  const risks = positions.map((position) => position.risk);
  const invalid = firstInvalidItem('risk', risks, isNonNegative) ?? invalidRho(positions.length, rho, rhoMin);
  if (invalid !== null) return err(invalid);
  const directionOf = (i: number): Direction => positions[i]?.direction ?? 1;
  const partner = (i: number, j: number): number =>
    partnerCorrelation(at(rho, i, j), [directionOf(i), directionOf(j)], rhoMin);
  const others = positions.map(({ risk }, i) => (risk > 0 ? clusterOf(positions, i, partner) : []));
  const cluster = positions.map(({ risk }, i) => (risk > 0 ? neumaierSum([risk, ...(others[i] ?? [])]) : 0));
  const hasPartner = others.map((list) => list.length > 0);
  const clusterMax = Math.max(0, ...cluster.filter((_, i) => hasPartner[i] === true));
  const signed = positions.map(({ direction, risk }) => direction * risk);
  const square = neumaierSum(signed.flatMap((a, i) => signed.map((b, j) => a * b * at(rho, i, j))));
  return ok({
    heat: neumaierSum(risks),
    cluster,
    hasPartner,
    clusterMax,
    corrAdjusted: Math.sqrt(Math.max(0, square)),
  });
}

function invalidRho(size: number, rho: Matrix, rhoMin: number): InvalidInput | null {
  if (!(rhoMin > 0 && rhoMin <= 1)) return invalidInput('rhoMin', rhoMin);
  return isCorrelation(rho, size) ? null : invalidInput('rho', rho.length);
}

/** The limits of the book, as shares of equity (quant.md 0.2). */
export type PortfolioLimits = { readonly heatMax: number; readonly clusterMax: number; readonly rhoMin: number };

export const DEFAULT_PORTFOLIO_LIMITS: PortfolioLimits = { heatMax: 0.2, clusterMax: 0.15, rhoMin: DEFAULT_RHO_MIN };

/** Checks limits: heat and cluster ≥ 0 and finite, rhoMin in (0, 1]. */
export const invalidLimits = ({ heatMax, clusterMax, rhoMin }: PortfolioLimits): InvalidInput | null =>
  firstInvalid([
    ['heatMax', heatMax, isNonNegative(heatMax)],
    ['clusterMax', clusterMax, isNonNegative(clusterMax)],
    ['rhoMin', rhoMin, rhoMin > 0 && rhoMin <= 1],
  ]);
