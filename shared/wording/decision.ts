import type { Decision, Wall, ZeroReason } from '#shared/domain/decision.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import {
  comparedPercents,
  countText,
  DASH,
  durationText,
  moneyText,
  percentText,
  ratioText,
  usdText,
} from '#shared/format/numbers.ts';

import { breakText, fullKellyText } from './ladder.ts';
import { breakerFigures, breakerName, countedText, isWallCode, listText, modelNames, wallName } from './names.ts';

const bindingWalls = ({ walls }: Pick<Decision, 'walls'>): readonly Wall[] => walls.filter(({ binds }) => binds);

const belowText = (value: number | null, limit: number | null, digits: number): string => {
  const texts = comparedPercents(value, limit, digits);
  return `${texts.value} < ${texts.limit}`;
};

const aboveText = (value: number | null, limit: number | null): string => {
  const texts = comparedPercents(value, limit);
  return `${texts.value} > ${texts.limit}`;
};

/** "74 s", or nothing more when the age is not known or is not what made it stale. */
const staleText = ({ value, limit }: ZeroReason): string =>
  value === null || (limit !== null && value <= limit) ? 'stale' : `stale, ${durationText(value)}`;

/** What gave no usable answer: models, the calibrator, or the weights between the models. */
function invalidText({ subject }: ZeroReason): string {
  if (subject === 'calibrator') return 'the calibrator gives no probability';
  if (subject === 'weights') return 'the model weights cannot be used';
  return `invalid prediction from ${modelsText(subject)}`;
}

const modelsText = (subject: string | null): string => (subject === null ? 'a model' : modelNames(subject));

/** Flat is said by one model or by both. */
const flatText = (subject: string | null): string =>
  `${modelsText(subject)} ${subject?.includes(',') === true ? 'say' : 'says'} flat`;

/** Breakers that halt, named, with the reading of the first when one is given. */
function breakerText({ subject, value, limit }: ZeroReason): string {
  const codes = (subject ?? '').split(', ').filter((code) => code !== '');
  const names = codes.length === 0 ? 'a breaker' : listText(codes.map(breakerName));
  if (value === null || limit === null) return `halted by ${names}`;
  const [reading, level] = breakerFigures(codes[0] ?? '', value, limit);
  const figures = `${reading}, halts at ${level}`;
  return `halted by ${names} (${figures})`;
}

/** Says how near the end of a contract is. */
export function rollText({ value, subject }: Pick<ZeroReason, 'value' | 'subject'>): string {
  const left = value === null || value < 0 ? 'the contract has ended' : `${countedText(value, 'business day')} left`;
  return `too near the end of the contract${subject === null ? '' : ` on ${subject}`}: ${left}`;
}

function positionText({ value, limit, subject }: ZeroReason): string {
  const where = subject ?? 'this market';
  if (limit === null) return `a position or order is open in ${where} already`;
  return `${countText(value)} contracts would be open in this market with ${where}, at most ${countText(limit)}`;
}

const workingText = ({ value, subject }: ZeroReason): string => {
  const contracts = value === null ? 'an order' : countedText(value, 'contract');
  return subject === 'in-doubt'
    ? `${contracts} in doubt: the broker may have the order`
    : `an order for ${contracts} is still working in ${subject ?? 'this market'}`;
};

/** Side and size of what is held: "long 2 contracts". */
const heldText = (signed: number): string =>
  `${signed > 0 ? 'long' : 'short'} ${countedText(Math.abs(signed), 'contract')}`;

const exitText = ({ value, subject }: ZeroReason): string =>
  `${subject ?? 'this market'} is ${value === null ? 'held' : heldText(value)} and the signal points the other way: close it first`;

/** Held and target, and the limit behind it. Risk beyond the plan can leave no room below the target too. */
function targetText({ value, limit, subject }: ZeroReason): string {
  const by = subject !== null && isWallCode(subject) ? ` by ${wallName(subject)}` : '';
  const figures = `${countedText(value ?? 0, 'contract')} held, the target is ${countText(limit)}${by}`;
  const isBelow = value !== null && limit !== null && value < limit;
  return isBelow
    ? `${figures}, and the open risk of what is held leaves no room for more`
    : `at its target: ${figures}`;
}

const tooSmallText = ({ value, limit, subject }: ZeroReason): string =>
  `one contract takes ${usdText(limit)}, ${usdText(value)} is allowed${subject === null ? '' : `; ${subject} is smaller`}`;

const buyingPowerText = ({ value, limit, subject }: ZeroReason): string => {
  if (value !== null) return `buying power: one contract more takes margin to ${aboveText(value, limit)}`;
  return subject === 'notional' ? 'the notional value is not known' : 'the broker states no margin for this contract';
};

/** Says in a few words why there is no size: the part after "No trade: ". Every code has its sentence. */
export function zeroText(zero: ZeroReason): string {
  const { code, value, limit, subject } = zero;
  switch (code) {
    case 'sized':
    case 'evaluation':
      return 'no contracts';
    case 'model-missing':
      return `no prediction from ${modelsText(subject)}`;
    case 'prediction-invalid':
      return invalidText(zero);
    case 'prediction-stale':
      return `${modelsText(subject)} ${staleText(zero)}`;
    case 'flat':
      return flatText(subject);
    case 'disagree':
      return 'models disagree';
    case 'low-confidence':
      return `confidence ${belowText(value, limit, 1)}`;
    case 'halted':
      return 'trading is halted';
    case 'reducing':
      return 'only orders that reduce risk are allowed';
    case 'locked':
      return `locked, ${subject ?? 'reason not stated'}`;
    case 'session-closed':
      return `${subject ?? 'the market'} is closed`;
    case 'roll-guard':
      return rollText(zero);
    case 'quote-stale':
      return value === null ? 'no quote' : `quote ${staleText(zero)}`;
    case 'no-plan':
      return 'too few bars to plan a stop';
    case 'breaker':
      return breakerText(zero);
    case 'position-open':
      return positionText(zero);
    case 'order-working':
      return workingText(zero);
    case 'exit-first':
      return exitText(zero);
    case 'order-rate':
      return `${countedText(value ?? 0, 'entry', 'entries')} in the last minute, at most ${countText(limit)}`;
    case 'at-target':
      return targetText(zero);
    case 'no-equity':
      return `no equity to size from (${usdText(value)})`;
    case 'no-edge':
      return 'no edge at this win probability and payoff';
    case 'below-minimum':
      return value === null || value <= 0
        ? 'nothing is left after evidence and λ'
        : `${belowText(value, limit, 2)} minimum`;
    case 'too-small':
      return tooSmallText(zero);
    case 'risk-ceiling':
      return `risk ceiling: one contract risks ${aboveText(value, limit)}`;
    case 'buying-power':
      return buyingPowerText(zero);
    case 'heat':
      return `heat: one contract more makes it ${aboveText(value, limit)}`;
    case 'cluster':
      return `correlated exposure${subject === null ? '' : ` of ${subject}`}: one contract more makes it ${aboveText(value, limit)}`;
  }
}

const boundText = (decision: Decision): string => {
  const binding = bindingWalls(decision);
  if (decision.contracts === 0 || binding.length === 0) return '';
  return `bound by ${listText(binding.map(({ code }) => wallName(code)))}`;
};

/** Names the limits that set the size: "Bound by max contracts", "Bound by Kelly and heat"; '' when nothing is sized. */
export const bindingText = (decision: Decision): string => boundText(decision).replace('bound', 'Bound');

/** Says what one contract more would break: "6 would break max contracts (6 > 5)"; '' when nothing is sized. */
export function oneMoreText(decision: Decision): string {
  const binding = bindingWalls(decision);
  if (decision.contracts === 0 || binding.length === 0) return '';
  return `${decision.contracts + 1}${moreOf(decision)} would break ${listText(binding.map(breakText))}`;
}

/** " more" where contracts are added to a position. */
const moreOf = ({ held }: Pick<Decision, 'held'>): string => (held === undefined ? '' : ' more');

/** How many counts of further limits are worth a line. */
const NEXT_COUNTS = 2;

/**
 * Which counts break what next, nearest first: "10 breaks Kelly and buying power, 13 breaks risk ceiling"; '' when
 * nothing is sized or nothing is left to break.
 */
export function nextWallsText(decision: Decision): string {
  const further = decision.walls.filter(({ binds }) => !binds);
  const counts = [...new Set(further.map(({ allowed }) => allowed))].sort((a, b) => a - b).slice(0, NEXT_COUNTS);
  if (decision.contracts === 0) return '';
  return counts
    .map((allowed) => {
      const names = further.filter((wall) => wall.allowed === allowed).map(({ code }) => wallName(code));
      return `${countText(allowed + 1)}${moreOf(decision)} breaks ${listText(names)}`;
    })
    .join(', ');
}

/** One line for a list: "bound by max contracts", or "No trade: " and why. */
export function statusText(decision: Decision): string {
  if (decision.zero !== null) return `No trade: ${zeroText(decision.zero)}`;
  return boundText(decision);
}

/** "Buy", "Sell", or "No trade". */
export const actionText = (decision: Pick<Decision, 'contracts' | 'direction'>): string =>
  decision.contracts === 0 || decision.direction === 0 ? 'No trade' : decision.direction === 1 ? 'Buy' : 'Sell';

type Named = Pick<Instrument, 'symbol'>;

const beliefText = ({ winProbability, winLossRatio }: Decision): string => {
  const payoff = winLossRatio === null ? '' : ` and own trades pay ${ratioText(winLossRatio)} to 1`;
  return `The models give ${percentText(winProbability, 1)}${payoff}`;
};

const fractionText = ({ fullKelly, kellyFraction }: Decision): string =>
  `full Kelly is ${fullKellyText(fullKelly)} of equity, ${percentText(kellyFraction)} after evidence, λ and cap`;

const kellyAllows = ({ walls, held }: Decision): string => {
  const kelly = walls.find(({ code }) => code === 'kelly');
  if (kelly === undefined) return '';
  return held === undefined
    ? `, which allows ${countedText(kelly.allowed, 'contract')}`
    : `, which allows ${countText(kelly.allowed)} beside the ${countText(held)} held`;
};

const riskText = ({ risk, riskFraction, heatAfter, held }: Decision): string =>
  `The stop ${held === undefined ? '' : 'of what is added '}risks ${moneyText(risk)}, ${percentText(riskFraction)} of equity; heat becomes ${percentText(heatAfter)}.`;

const warningText = ({ warnings }: Decision): string =>
  warnings.length === 0 ? '' : `A warning halves λ and the risk ceiling: ${listText(warnings.map(breakerName))}.`;

function sizedSentences(decision: Decision, { symbol }: Named): readonly string[] {
  const belief =
    decision.status === 'evaluation'
      ? `${beliefText(decision)}; too few own trades to estimate a payoff, so the evaluation size applies.`
      : `${beliefText(decision)}; ${fractionText(decision)}${kellyAllows(decision)}.`;
  const { contracts, held } = decision;
  const whole = held === undefined ? '' : `, to hold ${held + contracts}`;
  const order = `${actionText(decision)} ${contracts}${moreOf(decision)} ${symbol}${whole}: ${boundText(decision)}; ${oneMoreText(decision)}.`;
  return [order, belief, riskText(decision), warningText(decision)];
}

function zeroSentences(decision: Decision, zero: ZeroReason, { symbol }: Named): readonly string[] {
  const reason = `No trade in ${symbol}: ${zeroText(zero)}.`;
  if (decision.winProbability === null) {
    const confidence = decision.confidence === null ? DASH : percentText(decision.confidence, 1);
    const note =
      decision.confidence === null
        ? 'No confidence could be read, so nothing was sized.'
        : `The higher of the models' confidences is ${confidence}; nothing was sized.`;
    return [reason, note];
  }
  const fraction = decision.fullKelly === null ? '' : `; ${fractionText(decision)}`;
  return [reason, `${beliefText(decision)}${fraction}.`, warningText(decision)];
}

/**
 * Explains a decision in two to four plain sentences: what to do, on which evidence, what it risks, what bound it.
 * Meant for the REST answers and the command line; nothing in it is a code, NaN or undefined.
 */
export function reasoning(decision: Decision, instrument: Named): string {
  const sentences =
    decision.zero === null ? sizedSentences(decision, instrument) : zeroSentences(decision, decision.zero, instrument);
  return sentences.filter((sentence) => sentence !== '').join(' ');
}
