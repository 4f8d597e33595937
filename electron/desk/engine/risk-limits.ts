import type { RiskLimits } from '#shared/domain/risk.ts';
import { riskLimitsSchema } from '#shared/domain/risk.ts';
import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

/**
 * The guards on sending, as they stand when the settings file says nothing. They are counts and times, not shares of
 * equity: those belong to the sizing configuration.
 * - `maxConsecutiveLosses` 5: this many losing trades in a row in one session day latch a breaker.
 * - `maxOrdersPerMinute` 10: new entries in any 60 s.
 * - `priceCollarTicks` 20: how far beyond the last price, on the side that costs, an entry's limit may stand.
 * - `maxIntentAgeMs` 3,000: a click that waited longer than this in the queue is denied.
 * - `duplicateWindowMs` 2,000: the same contract, side and quantity again within this time is one click.
 * - `maxOrderQuoteAgeMs` 15,000: with an older quote nothing new is sent in that contract.
 * - `breakerEffects`: what a latched breaker does: stop `entries`, or also `flatten` what is open.
 * @source protocols.md 6.7; reliability-security-performance.md B4
 */
export const DEFAULT_RISK_LIMITS: RiskLimits = {
  maxConsecutiveLosses: 5,
  maxOrdersPerMinute: 10,
  priceCollarTicks: 20,
  maxIntentAgeMs: 3_000,
  duplicateWindowMs: 2_000,
  maxOrderQuoteAgeMs: 15_000,
  breakerEffects: { 'day-loss': 'entries', drawdown: 'entries', 'consecutive-losses': 'entries' },
};

/**
 * How far this computer's clock may be from the venue's: beyond the first the trader is told, beyond the second nothing
 * that could be dated wrongly is sent. Fixed: a clock that is off is set right, not allowed for.
 * @source reliability-security-performance.md B4
 */
export const CLOCK_SKEW_WARN_MS = 500;
export const CLOCK_SKEW_LIMIT_MS = 1_000;

type CountField = Exclude<keyof RiskLimits, 'breakerEffects'>;

/**
 * How far each limit can be moved. No value inside these bounds switches a check off, and there is no way round them:
 * a duplicate window can be widened but not below half a second, everything else has a ceiling.
 */
export const RISK_BOUNDS: Readonly<Record<CountField, { readonly min: number; readonly max: number }>> = {
  maxConsecutiveLosses: { min: 1, max: 10 },
  maxOrdersPerMinute: { min: 1, max: 60 },
  priceCollarTicks: { min: 1, max: 200 },
  maxIntentAgeMs: { min: 100, max: 10_000 },
  duplicateWindowMs: { min: 500, max: 60_000 },
  maxOrderQuoteAgeMs: { min: 500, max: 60_000 },
};

const isCountField = (name: string): name is CountField => Object.hasOwn(RISK_BOUNDS, name);

export type RiskLimitsError =
  | { readonly code: 'invalid-limits'; readonly field: string; readonly problem: string }
  | {
      readonly code: 'out-of-bounds';
      readonly field: CountField;
      readonly value: number;
      readonly min: number;
      readonly max: number;
    };

/**
 * Lays changes over the defaults and holds the result against its bounds.
 * @param changes any subset of the limits; of `breakerEffects` too
 * @errors 'invalid-limits' for a shape the schema refuses, 'out-of-bounds' for a limit looser or tighter than it may be
 */
export function riskLimitsOf(changes: unknown): Result<RiskLimits, RiskLimitsError> {
  const given = typeof changes === 'object' && changes !== null ? changes : {};
  const effects: unknown = Reflect.get(given, 'breakerEffects') ?? {};
  const merged = {
    ...DEFAULT_RISK_LIMITS,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    breakerEffects: {
      ...DEFAULT_RISK_LIMITS.breakerEffects,
      ...(typeof effects === 'object' && effects !== null ? effects : {}),
    },
  };
  const parsed = riskLimitsSchema.safeParse(merged);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const isUnknown = issue?.code === 'unrecognized_keys';
    const path = isUnknown ? [...issue.path, issue.keys[0] ?? ''] : (issue?.path ?? []);
    const problem = isUnknown ? 'remove the key or correct its name' : (issue?.message ?? 'not risk limits');
    return err({ code: 'invalid-limits', field: path.map(String).join('.'), problem });
  }
  for (const [field, { min, max }] of Object.entries(RISK_BOUNDS)) {
    if (!isCountField(field)) continue;
    const value = parsed.data[field];
    if (value < min || value > max) return err({ code: 'out-of-bounds', field, value, min, max });
  }
  return ok(parsed.data);
}
