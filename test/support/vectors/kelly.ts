import { bakerMcHale, betaPosterior, logPayoffSE, netPayoff } from '#desk/engine/estimation.ts';
import { probEdgePositive, shrinkToBreakEven, shrunkPayoff } from '#desk/engine/estimation.ts';
import { firstOrderResidual, kellyEmpirical, kellyTilted } from '#desk/engine/kelly-empirical.ts';
import { fractionalKelly, growthRate, growthTable, kellyBinary, kellyGeneral } from '#desk/engine/kelly.ts';
import { compoundEquity, floorContracts, neumaierSum, roundDecimal, toTicks } from '#desk/engine/numerics.ts';
import {
  decayWeights,
  journalWindow,
  recommendedFraction,
  riskDialMultiplier,
} from '#desk/engine/recommended-fraction.ts';
import { logGamma, normCdf, normPpf, regularizedIncompleteBeta } from '#desk/engine/special.ts';
import type { Result } from '#shared/result.ts';
import { epochMs } from '#shared/units.ts';
import { exactFloor, exactSum } from './exact.ts';
import { numberAt, numberOr, numbersAt } from './fields.ts';
import type { VectorInput, VectorRegistry } from './types.ts';

const INVALID = { error: 'INVALID_INPUT' } as const;

/** The answer under the vector's field names, or the vector's word for a typed error. */
const answer = <T>(result: Result<T, unknown>, fields: (value: T) => unknown): unknown =>
  result.ok ? fields(result.value) : INVALID;

/** A bare number; outside its domain a special function is NaN. */
const numberOrInvalid = (value: number): unknown => (Number.isNaN(value) ? INVALID : value);

const same = (value: unknown): unknown => value;

const special: VectorRegistry = {
  normCdf: (input) => numberOrInvalid(normCdf(numberAt(input, 'x'))),
  normPpf: (input) => numberOrInvalid(normPpf(numberAt(input, 'p'))),
  logGamma: (input) => numberOrInvalid(logGamma(numberAt(input, 'x'))),
  regularizedIncompleteBeta: (input) =>
    numberOrInvalid(regularizedIncompleteBeta(numberAt(input, 'a'), numberAt(input, 'b'), numberAt(input, 'x'))),
};

const limitsOf = (input: VectorInput) => ({
  multiplier: numberAt(input, 'lambda_'),
  cap: numberAt(input, 'cap'),
  minFraction: numberAt(input, 'minFraction'),
});

const weightsOf = (input: VectorInput) =>
  input['weights'] === undefined || input['weights'] === null ? {} : { weights: numbersAt(input, 'weights') };

const scratchOf = (input: VectorInput) =>
  input['scratchR'] === undefined ? {} : { scratchR: numberAt(input, 'scratchR') };

const ROW_NAMES: Readonly<Record<string, string>> = { [String(1 / 3)]: '1/3' };
const rowName = (multiplier: number): string => ROW_NAMES[String(multiplier)] ?? String(multiplier);

const kelly: VectorRegistry = {
  kellyBinary: (input) =>
    answer(kellyBinary(numberAt(input, 'p'), numberAt(input, 'b')), ({ raw, fraction }) => ({ raw, f: fraction })),
  kellyGeneral: (input) =>
    answer(
      kellyGeneral(numberAt(input, 'p'), numberAt(input, 'avgLossR'), numberAt(input, 'avgWinR')),
      ({ perR, perAverageLoss }) => ({ fPerR: perR, fPerAvgLoss: perAverageLoss }),
    ),
  growthRate: (input) => answer(growthRate(numberAt(input, 'p'), numberAt(input, 'b'), numberAt(input, 'f')), same),
  growthTable: (input) =>
    answer(growthTable(numberAt(input, 'p'), numberAt(input, 'b')), (table) => ({
      fStar: table.optimalFraction,
      gStar: table.optimalGrowth,
      rows: Object.fromEntries(
        table.rows.map((row) => [
          rowName(row.multiplier),
          { f: row.fraction, g: row.growth, ratio: row.ratio, approxRatio: row.smallEdgeRatio },
        ]),
      ),
      fBreakEven: table.breakEvenFraction,
      tradesToDoubleAtHalf: table.tradesToDoubleAtHalf,
    })),
  kellyEmpirical: (input) =>
    answer(kellyEmpirical(numbersAt(input, 'R'), { ...scratchOf(input), ...weightsOf(input) }), (found) => ({
      f: found.fraction ?? Infinity,
      g: found.growth,
      status: found.status,
      meanR: found.meanR,
      pHat: found.winRate,
      avgWin: found.averageWin,
      avgLoss: found.averageLoss,
      payoff: found.payoffRatio,
      fBinaryPerR: found.binaryFraction,
      fSecondOrder: found.secondOrderFraction,
    })),
  kellyEmpiricalFoc: (input) =>
    answer(firstOrderResidual(numbersAt(input, 'R'), numberAt(input, 'f'), weightsOf(input).weights), same),
  kellyTilted: (input) =>
    answer(kellyTilted(numbersAt(input, 'R'), numberAt(input, 'p'), scratchOf(input).scratchR), (found) => ({
      f: found.fraction ?? Infinity,
      g: found.growth,
      status: found.status,
      fBinaryPerR: found.binaryFraction,
      dispersionHaircut: found.dispersionHaircut,
    })),
  fractionalKelly: (input) =>
    answer(fractionalKelly(numberAt(input, 'p'), numberAt(input, 'b'), limitsOf(input)), (found) => ({
      full: found.full,
      scaled: found.scaled,
      final: found.fraction,
      reason: found.reason,
    })),
};

const recordOf = (input: VectorInput) => ({
  wins: numberAt(input, 'wins'),
  trades: numberAt(input, 'n'),
  priorWins: numberAt(input, 'alpha0'),
  priorLosses: numberAt(input, 'beta0'),
});

const sampleOf = (input: VectorInput) => ({
  wins: numberAt(input, 'nW'),
  sumWins: numberAt(input, 'sumW'),
  losses: numberAt(input, 'nL'),
  sumLosses: numberAt(input, 'sumL'),
});

const betOf = (input: VectorInput) => ({
  winProbability: numberAt(input, 'p'),
  payoffRatio: numberAt(input, 'b'),
  probabilityError: numberAt(input, 'sigmaP'),
});

const timeOf = (value: unknown): number => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : NaN;
  return typeof value === 'string' ? Date.parse(value) : NaN;
};

function windowOf(input: VectorInput): unknown {
  const closes: readonly unknown[] = Array.isArray(input['closes']) ? input['closes'] : [NaN];
  const times = [timeOf(input['now']), ...closes.map(timeOf)];
  if (times.some(Number.isNaN)) return INVALID;
  const [now = epochMs(0), ...closedAt] = times.map(epochMs);
  return answer(journalWindow(now, numberAt(input, 'days'), closedAt), same);
}

const estimates: VectorRegistry = {
  betaPosterior: (input) =>
    answer(betaPosterior(recordOf(input)), ({ standardDeviation, ...rest }) => ({ ...rest, sd: standardDeviation })),
  probEdgePositive: (input) => answer(probEdgePositive(recordOf(input), numberAt(input, 'breakEven')), same),
  shrunkPayoff: (input) =>
    answer(shrunkPayoff(sampleOf(input), numberAt(input, 'm0')), (payoff) => ({
      bHat: payoff.estimate,
      bShrunk: payoff.shrunk,
      bUsed: payoff.used,
      r0: payoff.typicalSize,
    })),
  shrinkToBreakEven: (input) =>
    answer(shrinkToBreakEven(betOf(input), numberAt(input, 'n'), numberAt(input, 'n0')), (found) => ({
      w: found.weight,
      pTilde: found.shrunkProbability,
      fFromPTilde: found.kellyOfShrunk,
      wTimesF: found.weightedKelly,
    })),
  netPayoff: (input) =>
    answer(
      netPayoff(
        {
          averageWin: numberAt(input, 'avgWinGross'),
          averageLoss: numberAt(input, 'avgLossGross'),
          roundTurnCost: numberAt(input, 'roundTurnCost'),
        },
        numberAt(input, 'p'),
      ),
      ({ gross, net, ...kellys }) => ({ bGross: gross, bNet: net, ...kellys }),
    ),
  logPayoffSE: (input) =>
    answer(
      logPayoffSE(numbersAt(input, 'wins'), numbersAt(input, 'losses')),
      ({ payoffRatio, standardError, ...lower }) => ({ b: payoffRatio, seLogB: standardError, ...lower }),
    ),
};

const shrunkKelly = (bet: Parameters<typeof bakerMcHale>[0]): unknown =>
  answer(bakerMcHale(bet), ({ fraction, variance, multiplier, shrunkFraction }) => ({
    f: fraction,
    varF: variance,
    k: multiplier,
    fShrunk: shrunkFraction,
  }));

const schemes: VectorRegistry = {
  bakerMcHale: (input) => shrunkKelly(betOf(input)),
  bakerMcHaleExtended: (input) => shrunkKelly({ ...betOf(input), logPayoffError: numberAt(input, 'sdLogB') }),
  decayWeights: (input) =>
    answer(decayWeights(numbersAt(input, 'ageDays'), numberAt(input, 'halfLifeDays')), (found) => ({
      w: found.weights,
      nEff: found.effectiveTrades,
    })),
  journalWindow: windowOf,
  riskDialMultiplier: (input) =>
    answer(
      riskDialMultiplier({
        equityShare: numberAt(input, 'alpha'),
        chance: numberAt(input, 'beta'),
        maxMultiplier: numberOr(input, 'maxMultiplier', 1 / 3),
      }),
      same,
    ),
  recommendedFraction: (input) =>
    answer(
      recommendedFraction({
        winProbability: numberAt(input, 'p'),
        sample: sampleOf(input),
        resolvedPredictions: numberAt(input, 'nCal'),
        limits: limitsOf(input),
        evidenceTrades: numberAt(input, 'n0'),
        payoffTrades: numberAt(input, 'm0'),
        minimum: {
          trades: numberAt(input, 'nMin'),
          wins: numberAt(input, 'wMin'),
          losses: numberAt(input, 'lMin'),
        },
      }),
      (found) => ({
        status: found.status,
        bUsed: found.payoffRatio,
        fFull: found.full,
        w: found.weight,
        fScaled: found.scaled,
        f: found.fraction,
      }),
    ),
};

const contractsOf = (input: VectorInput): unknown => {
  const [equity, fraction, capital] = [numberAt(input, 'E'), numberAt(input, 'f'), numberAt(input, 'C')];
  return answer(floorContracts(equity, fraction, capital), (count) => ({
    exact: Math.max(0, equity > 0 ? exactFloor(equity, fraction, capital) : 0),
    naiveFloat: Math.max(0, Math.floor((equity * fraction) / capital)),
    withEps: count,
  }));
};

const numerics: VectorRegistry = {
  neumaierSum: (input) => {
    const values = numbersAt(input, 'values');
    const sum = neumaierSum(values);
    if (Number.isNaN(sum)) return INVALID;
    return { sum, naive: values.reduce((total, x) => total + x, 0), exactRounded: exactSum(values) };
  },
  roundDecimal: (input) => {
    const [x, digits] = [numberAt(input, 'x'), numberAt(input, 'digits')];
    return answer(roundDecimal(x, digits), (text) => ({
      halfUpOfShortestDecimal: text,
      toFixedWouldGive: x.toFixed(digits).replace(/^-(0(?:\.0*)?)$/, '$1'),
    }));
  },
  floorContracts: contractsOf,
  toTicks: (input) => {
    const [price, tick] = [numberAt(input, 'price'), numberAt(input, 'tick')];
    return answer(toTicks(price, tick), (count) => ({ ticks: count, naiveQuotient: price / tick }));
  },
  compoundEquity: (input) =>
    answer(
      compoundEquity(numberAt(input, 'start'), numbersAt(input, 'pattern'), numberAt(input, 'repeats')),
      (final) => ({
        final,
      }),
    ),
};

/** Special functions, Kelly, estimation and numerics. */
export const kellyVectors: VectorRegistry = { ...special, ...kelly, ...estimates, ...schemes, ...numerics };
