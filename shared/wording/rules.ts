import { AHEAD_OF_CLOCK, type RiskRuleCode, type RiskRuleResult } from '#shared/domain/risk.ts';
import { comparedPercents, countText, durationText, numberText } from '#shared/format/numbers.ts';

import { rollText } from './decision.ts';
import { breakerFigures, breakerName, countedText, listText } from './names.ts';

const NAMES: Readonly<Record<RiskRuleCode, string>> = {
  'trading-state': 'trading state',
  breaker: 'breakers',
  'broker-live': 'broker connection',
  'clock-skew': 'clock',
  'instrument-lock': 'contract lock',
  session: 'session',
  'roll-guard': 'roll guard',
  'quote-age': 'quote age',
  'price-collar': 'price collar',
  'max-contracts': 'max contracts',
  'risk-per-trade': 'risk per trade',
  heat: 'heat',
  cluster: 'correlated exposure',
  'buying-power': 'buying power',
  'day-loss': 'daily loss',
  drawdown: 'drawdown',
  'consecutive-losses': 'losses in a row',
  'orders-per-minute': 'orders per minute',
  duplicate: 'duplicate guard',
  'intent-age': 'age of the order',
};

/** The name of a rule, as it stands inside a sentence. */
export const ruleName = (code: RiskRuleCode): string => NAMES[code];

type Texts = { readonly value: string; readonly limit: string };

/** Durations that would read alike although one is longer are given in milliseconds. */
function durations(value: number, limit: number): Texts {
  const texts = { value: durationText(value), limit: durationText(limit) };
  if (texts.value !== texts.limit || value === limit) return texts;
  return { value: `${numberText(value, 0)} ms`, limit: `${numberText(limit, 0)} ms` };
}

/** Value and limit in the unit of the rule; they read on the same sides of each other as the numbers stand. */
function figures({ unit, value, limit }: RiskRuleResult): Texts {
  if (unit === 'fraction') return comparedPercents(value, limit);
  if (unit === 'ms' && value !== null && limit !== null) return durations(value, limit);
  if (unit === 'ms') return { value: durationText(value), limit: durationText(limit) };
  const isWhole = [value, limit].every((x) => x === null || Number.isInteger(x));
  const text = (x: number | null): string => (isWhole ? countText(x) : numberText(x, 2));
  return { value: text(value), limit: text(limit) };
}

/** A decision without walls sized nothing. */
const isUnsized = ({ unit, limit }: RiskRuleResult): boolean => unit === 'contracts' && limit === 0;

const UNSIZED = 'nothing was sized, so nothing may be sent';

const ofSubject = ({ subject }: RiskRuleResult): string => (subject === null ? '' : ` (${subject})`);

function breakerFailure({ value, limit, subject }: RiskRuleResult): string {
  const codes = (subject ?? '').split(', ').filter((code) => code !== '');
  const names = codes.length === 0 ? 'a breaker' : listText(codes.map(breakerName));
  if (value === null || limit === null) return `stopped by ${names}`;
  const [reading, level] = breakerFigures(codes[0] ?? '', value, limit);
  return `stopped by ${names} (${reading}, limit ${level}) until armed again`;
}

function quoteFailure(result: RiskRuleResult): string {
  const { value, subject } = result;
  if (subject === AHEAD_OF_CLOCK) return 'the quote is dated ahead of the clock';
  if (value === null) return `no quote for ${subject ?? 'this contract'}`;
  if (value < 0) return `the quote is dated ${durationText(-value)} ahead of the clock`;
  const texts = figures(result);
  return `the quote is ${texts.value} old, at most ${texts.limit}`;
}

function sizeFailure(result: RiskRuleResult, what: (texts: Texts) => string): string {
  return isUnsized(result) ? UNSIZED : `${what(figures(result))}${ofSubject(result)}`;
}

function ageFailure(result: RiskRuleResult): string {
  const texts = figures(result);
  if ((result.value ?? 0) < 0 || result.subject === AHEAD_OF_CLOCK)
    return 'the clock was set back while the order waited';
  return `the order waited ${texts.value} for its turn, at most ${texts.limit}`;
}

function failure(result: RiskRuleResult): string {
  const { code, value, subject } = result;
  const texts = figures(result);
  switch (code) {
    case 'trading-state':
      return subject === 'reducing' ? 'only orders that reduce risk are allowed' : 'trading is halted';
    case 'breaker':
      return breakerFailure(result);
    case 'broker-live':
      return `the broker connection is ${subject ?? 'unknown'}, not live`;
    case 'clock-skew':
      return `this computer's clock is ${texts.value} off the broker's, at most ${texts.limit}`;
    case 'instrument-lock':
      return `locked, ${subject ?? 'reason not stated'}`;
    case 'session':
      return `${subject ?? 'the market'} is closed`;
    case 'roll-guard':
      return rollText(result);
    case 'quote-age':
      return quoteFailure(result);
    case 'price-collar':
      if (value === null) return 'there is no last price to hold the limit against';
      return `the limit is ${countedText(value, 'tick')} beyond the last price, at most ${texts.limit}`;
    case 'max-contracts':
      return sizeFailure(result, (t) => `${t.value} contracts would be open, at most ${t.limit}`);
    case 'risk-per-trade':
      return sizeFailure(result, (t) => `the trade would risk ${t.value} of equity, at most ${t.limit}`);
    case 'heat':
      return sizeFailure(result, (t) => `heat would be ${t.value}, at most ${t.limit}`);
    case 'cluster':
      return sizeFailure(result, (t) => `correlated exposure would be ${t.value}, at most ${t.limit}`);
    case 'buying-power':
      return sizeFailure(result, (t) => `margin would take ${t.value} of equity, at most ${t.limit}`);
    case 'day-loss':
      return `the day's loss is ${texts.value}, the limit ${texts.limit}`;
    case 'drawdown':
      return `the drawdown is ${texts.value}, the limit ${texts.limit}`;
    case 'consecutive-losses':
      return `${texts.value} losses in a row, the limit is ${texts.limit}`;
    case 'orders-per-minute':
      return `this would be entry ${texts.value} within a minute, at most ${texts.limit}`;
    case 'duplicate':
      return `the same order was asked for ${texts.value} before; within ${texts.limit} it counts as one`;
    case 'intent-age':
      return ageFailure(result);
  }
}

/**
 * Says one rule in words. A failed one names the rule, what it read and its limit: "heat: heat would be 20.40 %, at most
 * 20 %". A passed one reads "heat: 12.30 % of 20 %", or only its name where there is nothing to compare.
 */
export function ruleText(result: RiskRuleResult): string {
  const name = ruleName(result.code);
  if (result.state === 'fail') return `${name}: ${failure(result)}`;
  if (result.state === 'skipped') return `${name}: nothing to check`;
  if (result.value === null || result.limit === null) return `${name}: passed`;
  const texts = figures(result);
  return `${name}: ${texts.value} of ${texts.limit}`;
}
