import type { LadderStep, Wall } from '#shared/domain/decision.ts';
import {
  comparedPercents,
  countText,
  DASH,
  factorText,
  limitText,
  MINUS,
  moneyText,
  numberText,
  percentText,
  ratioText,
} from '#shared/format/numbers.ts';

import { basisName, countedText, scopeName, wallName } from './names.ts';

/** One row of the ladder in words: what it is, its figure, and the evidence or arithmetic behind it. */
export type StepText = { readonly label: string; readonly value: string; readonly note: string };

type StepOf<C extends LadderStep['code']> = Extract<LadderStep, { code: C }>;

/** A weighted term without the % sign: "0.4 × 65.0". */
const termText = (weight: number, confidence: number | null): string =>
  `${numberText(weight, 2).replace(/0$/, '')} × ${confidence === null ? DASH : numberText(confidence * 100, 1)}`;

function probabilityText(step: StepOf<'probability'>): StepText {
  const { weights, lstm, ensemble, combined, calibrated, used, threshold } = step;
  const label = 'Win probability p';
  const models = `${termText(weights.lstm, lstm)} + ${termText(weights.ensemble, ensemble)}`;
  if (step.state === 'fail') {
    if (combined === null) return { label, value: DASH, note: `${models}; not combined` };
    const below = comparedPercents(combined, threshold, 1);
    const isLow = combined < threshold;
    const why = isLow ? `below the threshold of ${below.limit}` : 'the calibrator gives no probability';
    return { label, value: below.value, note: `${models}; ${why}` };
  }
  const calibration = calibrated === null ? '' : `; calibrated ${numberText(calibrated * 100, 1)}, lower used`;
  return { label, value: percentText(used, 1), note: `${models}${calibration}` };
}

function payoffText(step: StepOf<'payoff'>): StepText {
  const { scope, lookBackDays, wins, losses, scratches, raw, used } = step;
  const label = 'Win / loss ratio b';
  const where = scope === null ? '' : ` in ${scopeName(scope)}`;
  const record = `${countedText(wins + losses, 'trade')}${where}, ${wins} W ${losses} L, ${countedText(lookBackDays, 'day')}`;
  const dropped = scratches === 0 ? '' : `, ${scratches === 1 ? '1 scratch' : `${scratches} scratches`} left out`;
  if (step.state === 'fail') {
    const why = used === null ? 'too few to estimate from' : 'nothing won, so no edge';
    return { label, value: ratioText(used), note: `${record}${dropped}: ${why}` };
  }
  const shrunk = raw !== null && used !== null && used < raw ? `${ratioText(raw)} raw on ` : '';
  return { label, value: ratioText(used), note: `${shrunk}${record}${dropped}` };
}

function multiplierText(step: StepOf<'multiplier'>): StepText {
  const { mode, alpha, beta, breakerFactor, fraction, factor } = step;
  const fall = alpha === null ? null : 1 - alpha;
  const source = mode === 'dial' ? `dial: ever ${MINUS}${limitText(fall)} at ${limitText(beta)}, nominal` : 'fixed';
  const warned = breakerFactor === 0 ? ', stopped by a breaker' : ', halved by a breaker';
  const breaker = breakerFactor === 1 ? '' : warned;
  return { label: `× ${factorText(factor)} λ`, value: percentText(fraction), note: `${source}${breaker}` };
}

function minimumText({ state, minimum, fraction }: StepOf<'minimum'>): StepText {
  const label = `Minimum ${limitText(minimum)}`;
  if (state === 'pass') return { label, value: percentText(fraction), note: '✓ not below the minimum' };
  const { value } = comparedPercents(fraction, minimum);
  return { label, value, note: 'below the minimum: no trade, never rounded up' };
}

/** Tick values such as $15.625 need more than cents. */
const moneyDigits = (amount: number): number => (amount % 100 === 0 ? 2 : amount % 10 === 0 ? 3 : 4);

function capitalText(step: StepOf<'capital'>): StepText {
  const { basis, perContract, stopTicks, slippageTicks, tickValue, fees, averageLoss } = step;
  const ticks = slippageTicks === 0 ? `${stopTicks}` : `(${stopTicks} + ${slippageTicks})`;
  const stop = `${ticks} ticks × ${moneyText(tickValue, moneyDigits(tickValue))} + ${moneyText(fees)}`;
  const average = averageLoss === null ? '' : `; average loss ${moneyText(averageLoss)}`;
  const isLoss = basis === 'stop' || basis === 'avgLoss' || basis === 'stopOrAvgLoss';
  if (isLoss) return { label: '÷ loss per contract', value: moneyText(perContract), note: `${stop}${average}` };
  return { label: '÷ capital per contract', value: moneyText(perContract), note: `${basisName(basis)}; stop ${stop}` };
}

/** Full Kelly; far below zero it says no more than that there is no edge. */
export const fullKellyText = (fraction: number | null): string =>
  fraction !== null && fraction < -1 ? `under ${percentText(-1, 0)}` : percentText(fraction);

/** Says one step of the fraction half in words. A value that was not reached is an em dash. */
export function stepText(step: LadderStep): StepText {
  switch (step.code) {
    case 'probability':
      return probabilityText(step);
    case 'payoff':
      return payoffText(step);
    case 'full-kelly': {
      const note = step.state === 'pass' ? 'p − (1 − p) ÷ b' : 'p − (1 − p) ÷ b: no edge';
      return { label: 'Full Kelly', value: fullKellyText(step.fraction), note };
    }
    case 'evidence': {
      const [trades, prior] = [numberText(step.effectiveTrades, 0), numberText(step.priorTrades, 0)];
      const note = step.priorTrades === 0 ? 'evidence is not weighed' : `${trades} / (${trades} + ${prior})`;
      return { label: `× ${factorText(step.factor)} evidence`, value: percentText(step.fraction), note };
    }
    case 'multiplier':
      return multiplierText(step);
    case 'cap': {
      const note = step.isCapped ? 'cut to the cap' : '✓ under the cap';
      return { label: `Cap ${limitText(step.cap)}`, value: percentText(step.fraction), note };
    }
    case 'minimum':
      return minimumText(step);
    case 'capital':
      return capitalText(step);
  }
}

/** One limit in words: its name with the limit, the whole contracts it allows, the same unrounded, and its reading at the size. */
export type WallText = {
  readonly label: string;
  readonly allowed: string;
  /** Em dash where the limit is itself a count. */
  readonly unrounded: string;
  /** "2.07 % of 5 %" or "5 of 5". */
  readonly reading: string;
  /** What else is known: markets it is shared with, an unknown margin; '' when there is nothing to add. */
  readonly note: string;
};

const LABELS: Readonly<Record<Wall['code'], string>> = {
  kelly: 'Kelly',
  evaluation: 'Evaluation size',
  'risk-ceiling': 'Risk ceiling',
  'max-contracts': 'Max contracts',
  'buying-power': 'Buying power',
  heat: 'Heat',
  cluster: 'Correlated',
};

/** The reading of a limit at a number of contracts, and the limit, such that the texts never contradict each other. */
function readingTexts({ unit }: Wall, value: number, limit: number): { value: string; limit: string } {
  if (unit === 'contracts') return { value: countText(value), limit: countText(limit) };
  return comparedPercents(value, limit);
}

/** Unrounded contracts with two decimals; never the next whole number, which the limit does not allow. */
function unroundedText({ unrounded, allowed }: Wall): string {
  const isNext = unrounded !== null && unrounded + 0.005 >= allowed + 1;
  return numberText(unrounded, 2, isNext ? 'down' : 'half-up');
}

/** Says one limit on contracts in words. */
export function wallText(wall: Wall): WallText {
  const reading = readingTexts(wall, wall.atSize, wall.limit);
  const limit = wall.unit === 'fraction' ? ` ${limitText(wall.limit)}` : '';
  return {
    label: `${LABELS[wall.code]}${limit}`,
    allowed: countText(wall.allowed),
    unrounded: unroundedText(wall),
    reading: `${reading.value} of ${reading.limit}`,
    note: wall.detail ?? '',
  };
}

/** Says what one contract more would do to a limit: "max contracts (6 > 5)", "heat (20.4 % > 20 %)". */
export function breakText(wall: Wall): string {
  const { value, limit } = readingTexts(wall, wall.atOneMore, wall.limit);
  return `${wallName(wall.code)} (${value} > ${limit})`;
}
