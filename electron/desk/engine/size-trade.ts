import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';
import { money, MONEY_PER_USD } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';

import { circuitBreaker } from './breaker.ts';
import type { BreakerInput } from './breaker.ts';
import { calibrate } from './calibration.ts';
import type { CalibrationMap } from './calibration.ts';
import { invalidSample } from './estimation.ts';
import type { PayoffSample } from './estimation.ts';
import { multiplierOf } from './fraction-ladder.ts';
import type { ContractSpec } from './futures/contract-table.ts';
import { firstInvalid, isNonNegative, isPositive } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { combineConfidence } from './probability.ts';
import type { Opinion, Veto } from './probability.ts';
import { recommendedFraction } from './recommended-fraction.ts';
import { contractsFor } from './sizing-basis.ts';
import type { LimitedBy, SizingError } from './sizing-basis.ts';
import { wholeContracts } from './walls.ts';

/** One signal on one contract, without a book: what the sizing pipeline looks at before portfolio limits. */
export type TradeRequest = {
  readonly config: SizingConfig;
  readonly lstm: Opinion | null;
  readonly ensemble: Opinion | null;
  readonly calibrator: CalibrationMap;
  readonly breaker: BreakerInput;
  /** Own closed trades in R (or in one money unit), losses as sizes, scratches outside. */
  readonly sample: PayoffSample;
  readonly resolvedPredictions: number;
  /** USD. */
  readonly equity: number;
  readonly spec: ContractSpec;
  readonly stopTicks: number;
  readonly slippageTicks: number;
  /** USD per contract, in and out. */
  readonly roundTurnCost: number;
  /** USD per contract; null without a loss. */
  readonly averageLoss: number | null;
};

/** How a trade was sized, amounts in USD. Fields are null where the pipeline stopped before them. */
export type SizedTrade = {
  readonly status: 'OK' | 'EVALUATION' | 'NO_EDGE' | 'BELOW_MIN' | 'HALT' | Veto;
  readonly contracts: number;
  readonly winProbability: number | null;
  readonly payoffRatio: number | null;
  readonly fullKelly: number | null;
  readonly evidence: number | null;
  /** After the breaker. */
  readonly multiplier: number | null;
  readonly fraction: number | null;
  readonly capitalPerContract: number | null;
  readonly riskPerContract: number | null;
  readonly limitedBy: LimitedBy | null;
  readonly risk: number | null;
  readonly riskFraction: number | null;
};

const STOPPED = {
  contracts: 0,
  winProbability: null,
  payoffRatio: null,
  fullKelly: null,
  evidence: null,
  multiplier: null,
  fraction: null,
  capitalPerContract: null,
  riskPerContract: null,
  limitedBy: null,
  risk: null,
  riskFraction: null,
} as const;

/** Whether an amount in USD can be held exactly. */
const isAmount = (usd: number): boolean => Number.isSafeInteger(Math.round(usd * MONEY_PER_USD));

/** NaN and impossible amounts are refused before anything is looked at; the gate and the breakers judge their own. */
const invalidRequest = (request: TradeRequest): InvalidInput | null =>
  firstInvalid([
    ['equity', request.equity, isAmount(request.equity)],
    ['stopTicks', request.stopTicks, isPositive(request.stopTicks)],
    ['slippageTicks', request.slippageTicks, isNonNegative(request.slippageTicks)],
    ['roundTurnCost', request.roundTurnCost, request.roundTurnCost >= 0 && isAmount(request.roundTurnCost)],
    ['averageLoss', request.averageLoss ?? 0, isNonNegative(request.averageLoss ?? 0)],
    ['resolvedPredictions', request.resolvedPredictions, isNonNegative(request.resolvedPredictions)],
  ]) ?? invalidSample(request.sample);

const exactUnits = (usd: number): Money => money(Math.round(usd * MONEY_PER_USD));

/** Turns a fraction into contracts on the request's contract. `maxContracts` already holds whatever the stage allows. */
function convert(
  request: TradeRequest,
  stage: { readonly fraction: number; readonly ceiling: number; readonly maxContracts: number },
): ReturnType<typeof contractsFor> {
  const { config, spec, stopTicks, slippageTicks, averageLoss } = request;
  return contractsFor({
    spec,
    equity: exactUnits(request.equity),
    fraction: stage.fraction,
    basis: config.basis,
    stopTicks,
    slippageTicks,
    roundTurnCost: exactUnits(request.roundTurnCost),
    ...(averageLoss === null ? {} : { averageLoss: averageLoss * MONEY_PER_USD }),
    riskCap: stage.ceiling,
    maxContracts: stage.maxContracts,
  });
}

/** Too few own trades: the configured number of contracts when each risks no more than its share of equity. */
function evaluate(request: TradeRequest, winProbability: number, ceiling: number): Result<SizedTrade, SizingError> {
  const { config } = request;
  const { contracts: most, maxRisk } = config.evaluation;
  const stage = { fraction: 0, ceiling, maxContracts: config.maxContracts };
  const priced = convert({ ...request, config: { ...config, basis: 'stop' } }, stage);
  if (!priced.ok) return priced;
  const { riskPerContract, allowed } = priced.value;
  const equity = exactUnits(request.equity);
  const isAffordable = wholeContracts(maxRisk * equity, riskPerContract) >= 1;
  const contracts = isAffordable ? Math.min(most, config.maxContracts, allowed.riskCap ?? most) : 0;
  const risk = (contracts * riskPerContract) / MONEY_PER_USD;
  return ok({
    ...STOPPED,
    status: 'EVALUATION',
    contracts,
    winProbability,
    riskPerContract: riskPerContract / MONEY_PER_USD,
    risk,
    riskFraction: contracts === 0 ? 0 : (contracts * riskPerContract) / equity,
  });
}

type Standing = { readonly winProbability: number; readonly breakerFactor: number };

function sizeStanding(request: TradeRequest, standing: Standing): Result<SizedTrade, SizingError> {
  const { config, sample } = request;
  const { winProbability, breakerFactor } = standing;
  const multiplier = multiplierOf(config.multiplier) * breakerFactor;
  const { minTrades: trades, minWins: wins, minLosses: losses } = config.sample;
  const found = recommendedFraction({
    winProbability,
    sample,
    resolvedPredictions: request.resolvedPredictions,
    limits: { multiplier, cap: config.fractionCap, minFraction: config.minFraction },
    evidenceTrades: config.evidenceTrades,
    payoffTrades: config.payoffTrades,
    minimum: { trades, wins, losses },
  });
  if (!found.ok) return found;
  const { status, payoffRatio, full: fullKelly, weight: evidence, fraction } = found.value;
  const ceiling = config.maxRiskPerTrade * breakerFactor;
  if (status === 'INSUFFICIENT_SAMPLE') return evaluate(request, winProbability, ceiling);
  const climbed = { ...STOPPED, winProbability, payoffRatio, fullKelly, evidence, multiplier, fraction };
  if (status === 'NO_EDGE' || status === 'BELOW_MIN') return ok({ ...climbed, status });
  const priced = convert(request, { fraction, ceiling, maxContracts: config.maxContracts });
  if (!priced.ok) return priced;
  const { contracts, limitedBy, capitalPerContract, riskPerContract, risk, riskFraction } = priced.value;
  return ok({
    ...climbed,
    status: 'OK',
    contracts,
    limitedBy,
    capitalPerContract: capitalPerContract / MONEY_PER_USD,
    riskPerContract: riskPerContract / MONEY_PER_USD,
    risk: risk / MONEY_PER_USD,
    riskFraction,
  });
}

/**
 * Sizes one trade without a book, through the stages of `decide`: gate, breakers, one-sided calibration, the
 * conservative fraction, contracts at the stop, ceiling and contract limit. Heat and correlation are left out.
 * @errors 'invalid-input' for NaN and impossible amounts; 'missing-input' when the basis needs a figure that is absent
 * @source quant.md 0.3
 */
export function sizeTrade(request: TradeRequest): Result<SizedTrade, SizingError> {
  const invalid = invalidRequest(request);
  if (invalid !== null) return err(invalid);
  const { config, lstm, ensemble } = request;
  const signal = combineConfidence({ lstm, ensemble, weights: config.weights, threshold: config.confidenceThreshold });
  if (signal.neutral) return ok({ ...STOPPED, status: signal.reason });
  const limits = { ...config.breakers, maxPredictionAgeMs: config.maxPredictionAgeMs };
  const verdict = circuitBreaker(request.breaker, limits);
  if (verdict.level === 'HALT') return ok({ ...STOPPED, status: 'HALT', winProbability: signal.winProbability });
  const map = config.calibrate ? request.calibrator : { kind: 'none' as const };
  const calibrated = calibrate(map, signal.winProbability);
  if (!calibrated.ok) return calibrated;
  return sizeStanding(request, { winProbability: calibrated.value, breakerFactor: verdict.multiplier });
}
