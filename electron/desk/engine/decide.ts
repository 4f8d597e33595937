import type { Decision, LadderStep, Wall, ZeroReason } from '#shared/domain/decision.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import { money } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';
import { MONEY_PER_USD } from '#shared/units.ts';

import { breakerEffect } from './breakers.ts';
import type { BreakerEffect } from './breakers.ts';
import { bookState, budgetOf } from './budget.ts';
import type { Budget } from './budget.ts';
import { capitalPerContract, stopRiskOf } from './capital.ts';
import { climbFraction } from './fraction-ladder.ts';
import type { FractionLadder } from './fraction-ladder.ts';
import { blockOf, exitReason, rateReason, readGate, zeroReason } from './gates.ts';
import type { Gate } from './gates.ts';
import { sizeByWalls, sizeOf, unsized, wallReason } from './size-by-walls.ts';
import type { Sized } from './size-by-walls.ts';

/** What one contract loses at its stop, and what it stands for; null where it cannot be said. */
type Price = { readonly stopRisk: Money | null; readonly capital: Money | null; readonly step: LadderStep | null };

/** The capital step ends the fraction half; it is there when the fraction stands and the contract can be priced. */
function priceOf(snapshot: SizingSnapshot, ladder: FractionLadder): Price {
  const stopRisk = stopRiskOf(snapshot);
  const { plan, instrument, config } = snapshot;
  if (plan === null || stopRisk === null) return { stopRisk, capital: null, step: null };
  const averageLoss = ladder.sample?.averageLossPerContract ?? null;
  const capital = capitalPerContract({ snapshot, stopRisk, averageLoss });
  const isReached = ladder.fraction !== null && ladder.fraction > 0;
  if (capital === null || !isReached) return { stopRisk, capital, step: null };
  const step: LadderStep = {
    code: 'capital',
    state: 'pass',
    basis: config.basis,
    perContract: capital,
    stopTicks: plan.stopDistance,
    slippageTicks: instrument.slippageTicks,
    tickValue: instrument.tickValue,
    fees: instrument.roundTurnFee,
    averageLoss,
  };
  return { stopRisk, capital, step };
}

/** All that was found out before the walls. */
type Findings = {
  readonly snapshot: SizingSnapshot;
  readonly gate: Gate;
  readonly breaker: BreakerEffect;
  readonly ladder: FractionLadder;
  readonly price: Price;
};

/** The first reason, in the order of the checks, why no contract can be proposed; null when the walls decide. */
function reasonBeforeWalls({ snapshot, gate, breaker, ladder, price }: Findings): ZeroReason | null {
  const early =
    blockOf(snapshot) ??
    gate.veto ??
    exitReason(snapshot, gate.signal.direction === -1 ? -1 : 1) ??
    breaker.halt ??
    rateReason(snapshot);
  if (early !== null) return early;
  if (snapshot.equity <= 0) return zeroReason('no-equity', { value: snapshot.equity / MONEY_PER_USD, limit: 0 });
  if (ladder.zero !== null) return ladder.zero;
  // A basis that needs a margin or a price nobody states has no number of contracts.
  const isUnpriced = price.capital === null && !ladder.isEvaluation;
  return isUnpriced ? zeroReason('buying-power', { subject: snapshot.config.basis }) : null;
}

function sizeStanding({ snapshot, breaker, ladder, price }: Findings, budget: Budget): Sized {
  const { stopRisk, capital } = price;
  if (stopRisk === null) return unsized();
  const kelly = ladder.fraction === null || capital === null ? null : { fraction: ladder.fraction, capital };
  return sizeByWalls({ snapshot, budget, riskPerContract: stopRisk, kelly, ceilingFactor: breaker.factor });
}

/** A limit other than Kelly's own number set the size. */
const isAdjusted = (walls: readonly Wall[], contracts: number): boolean =>
  walls.some(({ code, allowed }) => code === 'evaluation' || (code === 'kelly' && allowed > contracts));

/**
 * Sizes one signal: trading state, lock, session, roll guard, quote, plan and what is open in the symbol; then the
 * models, the gate and the breakers; then the fraction of equity step by step; then every limit on contracts, the
 * smallest of which is the size. What is held on the same side counts in every limit and the size is what is added to
 * it; what is held on the other side is to be closed first. A blocked, vetoed or zero decision names its reason and
 * carries the ladder as far as it could be climbed.
 * Pure: equal snapshots give equal decisions, in whatever order exposures, rivals and samples are listed. Every number
 * in it is finite. No limit is passed by rounding: sizes are floored.
 * @param snapshot as its schema has it; money in 1e-4 USD, distances in ticks
 * @source quant.md 0.3, 3.1, 3.6, 4.1, 5
 */
export function decide(snapshot: SizingSnapshot): Decision {
  const gate = readGate(snapshot);
  const breaker = breakerEffect(snapshot);
  const ladder = climbFraction(snapshot, gate, breaker.factor);
  const price = priceOf(snapshot, ladder);
  if (price.step !== null) ladder.steps.push(price.step);
  const findings = { snapshot, gate, breaker, ladder, price };
  const reason = reasonBeforeWalls(findings);
  const direction = gate.veto === null ? gate.signal.direction : 0;
  const budget = budgetOf(snapshot, direction === 0 ? 1 : direction);
  const sized = reason === null && direction !== 0 ? sizeStanding(findings, budget) : unsized();
  const { walls } = sized;
  const contracts = sizeOf(walls);
  const zero = reason ?? wallReason(sized, snapshot);
  const risk = contracts === 0 ? 0 : contracts * (price.stopRisk ?? 0);
  const before = bookState(budget, 0);
  const after = risk === 0 ? before : bookState(budget, risk);
  const position = snapshot.held?.position ?? null;
  return {
    status: zero?.code ?? (ladder.isEvaluation ? 'evaluation' : 'sized'),
    direction,
    contracts,
    ...(position !== null && position.direction === direction ? { held: position.contracts } : {}),
    confidence: gate.confidence,
    winProbability: ladder.winProbability,
    winLossRatio: ladder.winLossRatio,
    fullKelly: ladder.fullKelly,
    kellyFraction: ladder.fraction,
    riskPerContract: price.stopRisk,
    risk: money(risk),
    riskFraction: risk / budget.equity,
    heatBefore: before.heat,
    heatAfter: after.heat,
    clusterBefore: before.cluster,
    clusterAfter: after.cluster,
    isRiskAdjusted: isAdjusted(walls, contracts),
    ladder: ladder.steps,
    walls,
    zero,
    warnings: breaker.warnings,
  };
}
