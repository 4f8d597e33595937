import { PRESETS } from '#desk/engine/config.ts';
import { contractSpec } from '#desk/engine/futures/contract-table.ts';
import type { Opinion } from '#desk/engine/probability.ts';
import { sizeTrade } from '#desk/engine/size-trade.ts';
import type { SizedTrade } from '#desk/engine/size-trade.ts';

import { nullableNumberAt, numberAt, recordAt } from './fields.ts';
import type { VectorInput, VectorRegistry } from './types.ts';

const INVALID = { error: 'INVALID_INPUT' } as const;

/** A direction that is none of −1, 0, 1 reaches the engine as it is: the gate must refuse it. */
function opinionOf(input: VectorInput, field: string): Opinion | null {
  const opinion = recordAt(input, field);
  if (opinion === null) return null;
  return { direction: numberAt(opinion, 'dir') as Opinion['direction'], confidence: numberAt(opinion, 'conf') };
}

/** `f` is 0 where the arithmetic said nothing, absent where it was never reached. */
const fields = (sized: SizedTrade): Record<string, unknown> => ({
  status: sized.status,
  contracts: sized.contracts,
  p: sized.winProbability,
  bUsed: sized.payoffRatio,
  fFull: sized.fullKelly,
  w: sized.evidence,
  lambdaUsed: sized.multiplier,
  f: sized.fraction,
  capitalPerContract: sized.capitalPerContract,
  riskPerContract: sized.riskPerContract,
  limitedBy: sized.limitedBy,
  riskDollars: sized.risk,
  riskFraction: sized.riskFraction,
});

function size(input: VectorInput): unknown {
  const spec = contractSpec(String(input['root']));
  const [platt, breaker, journal] = [recordAt(input, 'platt'), recordAt(input, 'breaker'), recordAt(input, 'journal')];
  if (spec === null || breaker === null || journal === null) return INVALID;
  const sized = sizeTrade({
    config: PRESETS.conservative,
    lstm: opinionOf(input, 'lstm'),
    ensemble: opinionOf(input, 'ensemble'),
    calibrator: platt === null ? { kind: 'none' } : { kind: 'platt', a: numberAt(platt, 'A'), b: numberAt(platt, 'B') },
    breaker: {
      cusum: nullableNumberAt(breaker, 'cusum'),
      resolved: numberAt(breaker, 'nResolved'),
      brier100: nullableNumberAt(breaker, 'brier100'),
      calibrationError100: nullableNumberAt(breaker, 'ece100'),
      predictionAgeMs: numberAt(breaker, 'predictionAgeMs'),
      dayLoss: numberAt(breaker, 'dayLossFraction'),
      drawdown: numberAt(breaker, 'drawdownFraction'),
    },
    sample: {
      wins: numberAt(journal, 'nW'),
      sumWins: numberAt(journal, 'sumW'),
      losses: numberAt(journal, 'nL'),
      sumLosses: numberAt(journal, 'sumL'),
    },
    resolvedPredictions: numberAt(journal, 'nCal'),
    equity: numberAt(input, 'equity'),
    spec,
    stopTicks: numberAt(input, 'stopTicks'),
    slippageTicks: numberAt(input, 'slippageTicks'),
    roundTurnCost: numberAt(input, 'roundTurnCost'),
    averageLoss: nullableNumberAt(input, 'avgLossPerContract'),
  });
  return sized.ok ? fields(sized.value) : INVALID;
}

/** The whole pipeline on one trade, portfolio limits excluded. */
export const sizingVectors: VectorRegistry = { sizeTrade: size };
