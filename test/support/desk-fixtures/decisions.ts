import type { Decision, DecisionStatus, LadderStep, Wall } from '#shared/domain/decision.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import { money } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';
import { CONFIG, DIAL } from './instruments.ts';

/** What a ladder of the test desk is drawn from. It looks like the engine's answer; the engine is tested elsewhere. */
export type Situation = {
  readonly instrument: Instrument;
  readonly direction: 1 | -1;
  readonly lstm: number;
  readonly ensemble: number;
  readonly wins: number;
  readonly losses: number;
  readonly rawPayoff: number;
  readonly stopTicks: number;
  readonly equity: Money;
  readonly heatBefore: number;
};

const EPSILON = 1e-9;
const floor = (x: number): number => Math.floor(x + EPSILON);

/** A full ladder with its walls for a signal that stands. */
export function sizedDecision(s: Situation): Decision {
  const steps = fractionSteps(s);
  const { fraction, p, b, full } = steps;
  const isBelow = fraction < CONFIG.minFraction;
  if (isBelow) return zeroDecision('below-minimum', { ...base(s, steps), ladder: steps.ladder, value: fraction });
  const perContract = riskPerContract(s);
  const walls = wallsOf(s, { fraction, perContract });
  const contracts = Math.min(...walls.map((wall) => wall.allowed));
  const bound = walls.map((wall) => atSize(wall, { contracts, perContract, s }));
  const risk = money(contracts * perContract);
  const riskFraction = risk / s.equity;
  return {
    ...EMPTY,
    status: 'sized',
    direction: s.direction,
    contracts,
    confidence: Math.max(s.lstm, s.ensemble),
    winProbability: p,
    winLossRatio: b,
    fullKelly: full,
    kellyFraction: fraction,
    riskPerContract: perContract,
    risk,
    riskFraction,
    heatBefore: s.heatBefore,
    heatAfter: s.heatBefore + riskFraction,
    clusterBefore: null,
    clusterAfter: riskFraction * 1.7,
    isRiskAdjusted: contracts < floor((fraction * s.equity) / perContract),
    ladder: [...steps.ladder, capitalStep(s, perContract)],
    walls: bound,
  };
}

const EMPTY: Decision = {
  status: 'disagree',
  direction: 0,
  contracts: 0,
  confidence: null,
  winProbability: null,
  winLossRatio: null,
  fullKelly: null,
  kellyFraction: null,
  riskPerContract: null,
  risk: money(0),
  riskFraction: 0,
  heatBefore: 0,
  heatAfter: 0,
  clusterBefore: null,
  clusterAfter: null,
  isRiskAdjusted: false,
  ladder: [],
  walls: [],
  zero: null,
  warnings: [],
};

/** A decision that proposes nothing, with its reason. */
export function zeroDecision(
  status: DecisionStatus,
  spec: Partial<Decision> & { readonly value?: number | null; readonly subject?: string },
): Decision {
  const { value, subject, ...rest } = spec;
  const limit = { 'low-confidence': CONFIG.confidenceThreshold, 'below-minimum': CONFIG.minFraction } as const;
  return {
    ...EMPTY,
    ...rest,
    status,
    zero: {
      code: status,
      value: value ?? null,
      limit: status === 'low-confidence' || status === 'below-minimum' ? limit[status] : null,
      subject: subject ?? null,
    },
  };
}

/** First rung of a ladder whose models could not be combined, or not above the threshold. */
export const failedProbability = (lstm: number | null, ensemble: number | null, isAgreed: boolean): LadderStep => ({
  code: 'probability',
  state: 'fail',
  weights: CONFIG.weights,
  lstm,
  ensemble,
  threshold: CONFIG.confidenceThreshold,
  combined: isAgreed && lstm !== null && ensemble !== null ? 0.4 * lstm + 0.6 * ensemble : null,
  calibrated: null,
  used: null,
});

type Steps = ReturnType<typeof fractionSteps>;

const base = (s: Situation, steps: Steps): Partial<Decision> => ({
  direction: s.direction,
  confidence: Math.max(s.lstm, s.ensemble),
  winProbability: steps.p,
  winLossRatio: steps.b,
  fullKelly: steps.full,
  kellyFraction: 0,
  heatBefore: s.heatBefore,
  heatAfter: s.heatBefore,
});

function fractionSteps(s: Situation) {
  const p = 0.4 * s.lstm + 0.6 * s.ensemble;
  const meanR = (s.wins * s.rawPayoff + s.losses) / (s.wins + s.losses);
  const prior = CONFIG.payoffTrades;
  const shrunk =
    (s.wins * s.rawPayoff + prior * meanR) / (s.wins + prior) / ((s.losses + prior * meanR) / (s.losses + prior));
  const trades = s.wins + s.losses;
  const factor = trades / (trades + CONFIG.evidenceTrades);
  const full = p - (1 - p) / shrunk;
  const evidence = full * factor;
  const fraction = Math.min(evidence * DIAL, CONFIG.fractionCap);
  const ladder: LadderStep[] = [
    { ...failedProbability(s.lstm, s.ensemble, true), state: 'pass', calibrated: p + 0.012, used: p } as LadderStep,
    {
      code: 'payoff',
      state: 'pass',
      scope: 'root',
      lookBackDays: CONFIG.sample.lookBackDays,
      wins: s.wins,
      losses: s.losses,
      scratches: 3,
      raw: s.rawPayoff,
      shrunk,
      used: shrunk,
    },
    { code: 'full-kelly', state: 'pass', fraction: full },
    {
      code: 'evidence',
      state: 'pass',
      factor,
      effectiveTrades: trades,
      priorTrades: CONFIG.evidenceTrades,
      fraction: evidence,
    },
    {
      code: 'multiplier',
      state: 'pass',
      mode: 'dial',
      factor: DIAL,
      alpha: 0.8,
      beta: 0.05,
      breakerFactor: 1,
      fraction: evidence * DIAL,
    },
    { code: 'cap', state: 'pass', cap: CONFIG.fractionCap, isCapped: evidence * DIAL > CONFIG.fractionCap, fraction },
    {
      code: 'minimum',
      state: fraction < CONFIG.minFraction ? 'fail' : 'pass',
      minimum: CONFIG.minFraction,
      fraction,
    },
  ];
  return { p, b: shrunk, full, fraction, ladder };
}

const riskPerContract = (s: Situation): Money =>
  money((s.stopTicks + s.instrument.slippageTicks) * s.instrument.tickValue + s.instrument.roundTurnFee);

const capitalStep = (s: Situation, perContract: Money): LadderStep => ({
  code: 'capital',
  state: 'pass',
  basis: 'stopOrAvgLoss',
  perContract,
  stopTicks: s.stopTicks,
  slippageTicks: s.instrument.slippageTicks,
  tickValue: s.instrument.tickValue,
  fees: s.instrument.roundTurnFee,
  averageLoss: money(Math.round(perContract * 0.895)),
});

type Bare = Pick<Wall, 'code' | 'allowed' | 'unrounded' | 'unit' | 'limit' | 'detail'>;

function wallsOf(s: Situation, size: { readonly fraction: number; readonly perContract: Money }): readonly Bare[] {
  const share = (code: Wall['code'], limit: number, perContract: number, used = 0): Bare => {
    const unrounded = Math.max(0, ((limit - used) * s.equity) / perContract);
    return { code, allowed: floor(unrounded), unrounded, unit: 'fraction', limit, detail: null };
  };
  const max = { code: 'max-contracts', unrounded: null, unit: 'contracts', detail: null } as const;
  const cluster = { ...share('cluster', CONFIG.maxCluster, size.perContract * 1.1), detail: 'NQ with ES' };
  return [
    share('kelly', size.fraction, size.perContract),
    share('risk-ceiling', CONFIG.maxRiskPerTrade, size.perContract),
    { ...max, allowed: CONFIG.maxContracts, limit: CONFIG.maxContracts },
    share('buying-power', CONFIG.maxMarginShare, s.instrument.initialMargin ?? 1, 0.085),
    share('heat', CONFIG.maxHeat, size.perContract, s.heatBefore),
    cluster,
  ];
}

function atSize(
  wall: Bare,
  at: { readonly contracts: number; readonly perContract: Money; readonly s: Situation },
): Wall {
  const reads = (n: number): number => {
    if (wall.unit === 'contracts') return n;
    const each = wall.code === 'buying-power' ? (at.s.instrument.initialMargin ?? 0) : at.perContract;
    return (n * each) / at.s.equity + (wall.code === 'heat' ? at.s.heatBefore : 0);
  };
  return {
    ...wall,
    atSize: reads(at.contracts),
    atOneMore: reads(at.contracts + 1),
    binds: wall.allowed === at.contracts,
  };
}
