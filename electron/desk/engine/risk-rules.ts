import type { Decision, Wall } from '#shared/domain/decision.ts';
import { AHEAD_OF_CLOCK, RISK_RULES } from '#shared/domain/risk.ts';
import type { Latch, LatchCode, RiskLimits, RiskRuleCode, RiskRuleResult, RiskStage } from '#shared/domain/risk.ts';
import type { Guards, SizingSnapshot } from '#shared/domain/sizing.ts';
import type { ConnectionState } from '#shared/domain/status.ts';
import type { EpochMs, Ticks } from '#shared/units.ts';

import { breakerEffect, isAccepted } from './breakers.ts';
import { CLOCK_SKEW_MS, rollGuardOf } from './gates.ts';
import { CLOCK_SKEW_LIMIT_MS } from './risk-limits.ts';
import { COMPARISON_TOLERANCE } from './numerics.ts';
import { isSessionOpen } from './session.ts';

/** The 60 s that `maxOrdersPerMinute` looks back over. */
export const ORDER_RATE_WINDOW_MS = 60_000;

/** An entry that was asked for lately. */
export type RecentIntent = {
  readonly symbol: string;
  readonly direction: 1 | -1;
  readonly contracts: number;
  readonly at: EpochMs;
};

/** What is true at the moment of the check and not part of a decision. The intent that is checked is in none of it. */
export type RiskFacts = {
  readonly stage: RiskStage;
  /** Only `live` lets an order out. */
  readonly brokerState: ConnectionState;
  /** What this computer's clock is away from the venue's, at least; null where the venue does not say what time it has. */
  readonly clockSkewMs: number | null;
  /** When entries were sent; older ones than a minute may be left in. */
  readonly lastEntries: readonly EpochMs[];
  /** Other intents, denied ones left out; older ones than the duplicate window may be left in. */
  readonly recentIntents: readonly RecentIntent[];
  /** How long the intent has waited for its turn; null before there is one. */
  readonly intentAgeMs: number | null;
  readonly consecutiveLosses: number;
  readonly latches: readonly Latch[];
  /** Readings accepted by arming a breaker again (`Latches.guards`). */
  readonly rearmed: Guards['rearmed'];
  /** Today's loss and the drawdown as positive shares, measured now on own accounts. */
  readonly dayLoss: number;
  readonly drawdown: number;
};

/** One entry, before it is proposed, approved or sent. */
export type RiskInput = {
  /** Time, account, book and configuration are taken from here. */
  readonly snapshot: SizingSnapshot;
  /** What `decide` made of the snapshot. */
  readonly decision: Decision;
  /** Contracts asked for, to be added to what is held. */
  readonly contracts: number;
  /** Limit price asked for; null at the market, or before a price is known. */
  readonly limitPrice: Ticks | null;
  readonly limits: RiskLimits;
  readonly facts: RiskFacts;
};

type Finding = Omit<RiskRuleResult, 'code'>;

/** A number that is none is stated as unknown. */
const known = (x: number | null | undefined): number | null => (x != null && Number.isFinite(x) ? x : null);

const finding = (
  state: RiskRuleResult['state'],
  unit: RiskRuleResult['unit'],
  { value, limit, subject = null }: Partial<Pick<RiskRuleResult, 'value' | 'limit' | 'subject'>> = {},
): Finding => ({ state, unit, value: known(value), limit: known(limit), subject });

const passIf = (isPassed: boolean): RiskRuleResult['state'] => (isPassed ? 'pass' : 'fail');

/** Breakers that have no rule of their own: any that is latched, drift, and watch values that cannot be read. */
function breakerRule({ snapshot, facts }: RiskInput): Finding {
  const [first] = facts.latches;
  if (first !== undefined) {
    const subject = facts.latches.map(({ code }) => code).join(', ');
    return finding('fail', unitOf(first.code), { value: first.value, limit: first.limit, subject });
  }
  const watch = { ...snapshot.watch, dayLoss: 0, drawdown: 0 };
  const { halt } = breakerEffect({ ...snapshot, watch, guards: undefined });
  if (halt === null) return finding('pass', 'none');
  return finding('fail', halt.subject === 'drift' ? 'count' : 'none', halt);
}

const unitOf = (code: LatchCode): RiskRuleResult['unit'] =>
  code === 'day-loss' || code === 'drawdown' ? 'fraction' : 'count';

function quoteRule({ snapshot, limits }: RiskInput): Finding {
  const { quote, instrument, config, now } = snapshot;
  const limit = Math.min(config.maxQuoteAgeMs, limits.maxOrderQuoteAgeMs);
  if (quote?.symbol !== instrument.symbol) return finding('fail', 'ms', { limit, subject: instrument.symbol });
  return aged(now - quote.asOf, limit, quote.symbol);
}

/**
 * Holds an age against its limit. A little ahead of the clock is no age: it counts as 0. Beyond what clocks differ by,
 * how old it is is not known.
 */
function aged(ms: number, limit: number, subject: string | null): Finding {
  if (ms < -CLOCK_SKEW_MS) return finding('fail', 'ms', { limit, subject: AHEAD_OF_CLOCK });
  const value = Math.max(0, ms);
  return finding(passIf(value <= limit), 'ms', { value, limit, subject });
}

/** Off by as much as is allowed is allowed. A venue that does not say what time it has cannot be held against. */
function skewRule({ facts }: RiskInput): Finding {
  const [value, limit] = [facts.clockSkewMs, CLOCK_SKEW_LIMIT_MS];
  if (value === null) return finding('skipped', 'ms', { limit });
  return finding(passIf(Math.abs(value) <= limit), 'ms', { value: Math.abs(value), limit });
}

/** Ticks by which the limit stands beyond the last price on the side that costs; below 0 it is better than the last. */
function collarRule({ snapshot, decision, limitPrice, limits }: RiskInput): Finding {
  const limit = limits.priceCollarTicks;
  if (limitPrice === null) return finding('skipped', 'ticks', { limit });
  const { quote } = snapshot;
  if (quote === null || decision.direction === 0) return finding('fail', 'ticks', { limit });
  const value = (limitPrice - quote.last) * decision.direction;
  return finding(passIf(value <= limit), 'ticks', { value, limit });
}

/** What a limit reads at a number of contracts: a straight line through its two recorded readings. */
const readingAt = ({ atSize, atOneMore }: Wall, size: number, contracts: number): number =>
  atSize + (contracts - size) * (atOneMore - atSize);

/**
 * Holds the contracts asked for against the walls of the decision: the tightest of those that belong to a rule. A
 * decision that got no walls sized nothing, so nothing may be sent on it; a wall that is missing among others had
 * nothing to measure.
 */
function sizeRule({ decision, contracts }: RiskInput, belongs: (wall: Wall) => boolean): Finding {
  if (decision.walls.length === 0) return finding('fail', 'contracts', { value: contracts, limit: 0 });
  const [wall] = decision.walls.filter(belongs).sort((a, b) => a.allowed - b.allowed);
  if (wall === undefined) return finding('skipped', 'none');
  const isWhole = Number.isSafeInteger(contracts) && contracts > 0;
  return finding(passIf(isWhole && contracts <= wall.allowed), wall.unit, {
    value: readingAt(wall, decision.contracts, contracts),
    limit: wall.limit,
    subject: wall.detail,
  });
}

/** A reading passes below its limit, or up to what was accepted when its breaker was armed again. */
function readingRule(
  code: LatchCode,
  { facts }: RiskInput,
  { value, limit }: { value: number; limit: number },
): Finding {
  const isBelow = value < limit - COMPARISON_TOLERANCE;
  return finding(passIf(isBelow || isAccepted(facts.rearmed, code, value)), unitOf(code), { value, limit });
}

/** Entries of the last minute and this one. A time ahead of the clock counts: it is not older than a minute. */
function rateRule({ snapshot, limits, facts }: RiskInput): Finding {
  const recent = facts.lastEntries.filter((at) => snapshot.now - at < ORDER_RATE_WINDOW_MS);
  const [value, limit] = [recent.length + 1, limits.maxOrdersPerMinute];
  return finding(passIf(value <= limit), 'count', { value, limit });
}

/** `value` is the age of the newest like intent. */
function duplicateRule({ snapshot, decision, contracts, limits, facts }: RiskInput): Finding {
  const limit = limits.duplicateWindowMs;
  if (facts.stage === 'recommended') return finding('skipped', 'ms', { limit });
  const ages = facts.recentIntents
    .filter((i) => i.symbol === snapshot.instrument.symbol && i.direction === decision.direction)
    .filter((i) => i.contracts === contracts)
    .map(({ at }) => snapshot.now - at);
  if (ages.length === 0) return finding('pass', 'ms', { limit });
  const value = Math.max(0, Math.min(...ages));
  return finding(passIf(value >= limit), 'ms', { value, limit });
}

function ageRule({ limits, facts }: RiskInput): Finding {
  const [value, limit] = [facts.intentAgeMs, limits.maxIntentAgeMs];
  if (value === null) return finding('skipped', 'ms', { limit });
  return aged(value, limit, null);
}

const RULES: Readonly<Record<RiskRuleCode, (input: RiskInput) => Finding>> = {
  'trading-state': ({ snapshot: { tradingState } }) =>
    finding(passIf(tradingState === 'active'), 'none', { subject: tradingState }),
  breaker: breakerRule,
  'broker-live': ({ facts: { brokerState } }) =>
    finding(passIf(brokerState === 'live'), 'none', { subject: brokerState }),
  'clock-skew': skewRule,
  'instrument-lock': ({ snapshot: { lock } }) => finding(passIf(lock === null), 'none', { subject: lock }),
  session: ({ snapshot: { now, instrument } }) =>
    finding(passIf(isSessionOpen(now, instrument.calendar)), 'none', { subject: instrument.exchange }),
  'roll-guard': ({ snapshot }) => {
    const reason = rollGuardOf(snapshot);
    if (reason === null) return finding('pass', 'count', { limit: snapshot.config.rollGuardDays });
    return finding('fail', 'count', { value: reason.value, limit: reason.limit, subject: reason.subject });
  },
  'quote-age': quoteRule,
  'price-collar': collarRule,
  // Without enough own trades the evaluation size is the limit on contracts, or on the risk of one.
  'max-contracts': (input) =>
    sizeRule(input, ({ code, unit }) => code === 'max-contracts' || (code === 'evaluation' && unit === 'contracts')),
  'risk-per-trade': (input) =>
    sizeRule(input, ({ code, unit }) => code === 'risk-ceiling' || (code === 'evaluation' && unit === 'fraction')),
  heat: (input) => sizeRule(input, ({ code }) => code === 'heat'),
  cluster: (input) => sizeRule(input, ({ code }) => code === 'cluster'),
  'buying-power': (input) => sizeRule(input, ({ code }) => code === 'buying-power'),
  'day-loss': (input) =>
    readingRule('day-loss', input, { value: input.facts.dayLoss, limit: input.snapshot.config.breakers.dayLossHalt }),
  drawdown: (input) =>
    readingRule('drawdown', input, {
      value: input.facts.drawdown,
      limit: input.snapshot.config.breakers.drawdownHalt,
    }),
  'consecutive-losses': (input) =>
    readingRule('consecutive-losses', input, {
      value: input.facts.consecutiveLosses,
      limit: input.limits.maxConsecutiveLosses,
    }),
  'orders-per-minute': rateRule,
  duplicate: duplicateRule,
  'intent-age': ageRule,
};

/**
 * Checks one entry against every rule, in the order of RISK_RULES; all are checked, whatever fails. Kelly's own number
 * is no rule: a trader may go above it with a reason, never above a limit. For a decision with N contracts N passes
 * every rule on size, and one contract more than the smallest limit fails the limit that binds. Nothing is rounded in
 * the trader's favour: sizes compare as whole contracts with what each wall allows, readings with the tolerance of the
 * breakers. Pure.
 * @source protocols.md 6.7; reliability-security-performance.md B4; quant.md 3.6 and 5
 */
export const checkRules = (input: RiskInput): readonly RiskRuleResult[] =>
  RISK_RULES.map((code) => ({ code, ...RULES[code](input) }));

/** The first rule that failed: the one an entry is denied by; null when it may go. */
export const firstFailure = (results: readonly RiskRuleResult[]): RiskRuleResult | null =>
  results.find(({ state }) => state === 'fail') ?? null;
