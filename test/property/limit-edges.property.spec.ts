import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decide } from '#desk/engine/decide.ts';
import { DEFAULT_RISK_LIMITS } from '#desk/engine/risk-limits.ts';
import { checkRules } from '#desk/engine/risk-rules.ts';
import type { RiskFacts, RiskInput } from '#desk/engine/risk-rules.ts';
import type { RiskRuleCode, RiskRuleResult } from '#shared/domain/risk.ts';
import type { SizingConfig, SizingSnapshot } from '#shared/domain/sizing.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import { exposure, nasdaq, snapshot, SNAPSHOT_NOW } from '#test/support/snapshots.ts';

/** In 1e-4 USD. */
const CENT = 100;
/** The next number a float can hold, and the one before. */
function neighbours(x: number): readonly [below: number, above: number] {
  const view = new DataView(new ArrayBuffer(8));
  const at = (by: bigint): number => {
    view.setFloat64(0, x);
    view.setBigInt64(0, view.getBigInt64(0) + by);
    return view.getFloat64(0);
  };
  return [at(-1n), at(1n)];
}

const QUIET: RiskFacts = {
  ...{ stage: 'send', brokerState: 'live', clockSkewMs: 0, lastEntries: [], recentIntents: [], intentAgeMs: 0 },
  ...{ consecutiveLosses: 0, latches: [], rearmed: [], dayLoss: 0, drawdown: 0 },
};
/** Every limit wide open, so that the one under test is the only one near. */
const WIDE: Partial<SizingConfig> = {
  ...{ maxRiskPerTrade: 0.25, maxHeat: 1, maxCluster: 1, maxMarginShare: 1, maxContracts: 1_000 },
  multiplier: { mode: 'fixed', value: 1 },
};

type Case = {
  readonly equity: number;
  readonly contracts: number;
  readonly stopDistance: number;
  readonly margin: number;
  readonly held: number;
};
const cases: fc.Arbitrary<Case> = fc.record({
  // Up to 10 million USD: where the slack of comparisons, one part in 1e9, is less than a cent.
  equity: fc.integer({ min: 200_000_000, max: 100_000_000_000 }),
  contracts: fc.integer({ min: 1, max: 30 }),
  stopDistance: fc.integer({ min: 1, max: 400 }),
  margin: fc.integer({ min: 5_000_000, max: 300_000_000 }),
  held: fc.integer({ min: 1, max: 100_000_000 }),
});

const snapshotOf = (c: Case, config: Partial<SizingConfig>): SizingSnapshot =>
  snapshot({
    equity: money(c.equity),
    plan: { entry: ticks(93_945), stopDistance: c.stopDistance, targetDistance: 4 * c.stopDistance },
    instrument: { initialMargin: money(c.margin) },
    exposures: [exposure({ risk: money(c.held), margin: money(c.held) })],
    config: { ...WIDE, ...config },
  });
const inputOf = (s: SizingSnapshot, contracts: number, more: Partial<RiskInput> = {}): RiskInput => ({
  ...{ snapshot: s, decision: decide(s), contracts, limitPrice: null, limits: DEFAULT_RISK_LIMITS, facts: QUIET },
  ...more,
});
const resultOf = (input: RiskInput, code: RiskRuleCode): RiskRuleResult['state'] | undefined =>
  checkRules(input).find((result) => result.code === code)?.state;

/** NQ and ES go together by this much in the snapshots' table of correlations. */
const RHO = 0.92;
const riskOf = (c: Case): number => (c.stopDistance + nasdaq.slippageTicks) * nasdaq.tickValue + nasdaq.roundTurnFee;
/** Each limit as a share of equity, with what `contracts` of a case take of it, in 1e-4 USD. */
const SHARES: readonly (readonly [RiskRuleCode, keyof SizingConfig, (c: Case) => number])[] = [
  ['risk-per-trade', 'maxRiskPerTrade', (c) => c.contracts * riskOf(c)],
  ['heat', 'maxHeat', (c) => c.contracts * riskOf(c) + c.held],
  [
    'cluster',
    'maxCluster',
    (c) => {
      const own = c.contracts * riskOf(c);
      return Math.max(own + RHO * c.held, c.held + RHO * own);
    },
  ],
  ['buying-power', 'maxMarginShare', (c) => c.contracts * c.margin + c.held],
];

describe('a limit as a share of equity', () => {
  test.each(SHARES)(
    '%s: what takes a cent more than it is refused, what takes all of it is not',
    (code, name, taken) => {
      let met = 0;
      fc.assert(
        fc.property(cases, (c) => {
          const need = taken(c);
          const share = (room: number): number => room / c.equity;
          const [least, most] = [share(need - CENT), share(need + CENT)];
          fc.pre(least > 0 && most <= (code === 'risk-per-trade' ? 0.25 : 1));
          const at = (limit: number): SizingSnapshot => snapshotOf(c, { [name]: limit });
          const full = at(share(need));
          // A decision that sizes nothing for another reason has no walls to be at the edge of.
          if (decide(full).walls.length === 0) return;
          met += 1;
          expect(resultOf(inputOf(at(least), c.contracts), code)).toBe('fail');
          expect(resultOf(inputOf(full, c.contracts), code)).toBe('pass');
          expect(resultOf(inputOf(at(most), c.contracts), code)).toBe('pass');
          expect(resultOf(inputOf(full, c.contracts + 1), code)).toBe('fail');
          // Whichever way the last bit of the limit falls, never more than the contracts that fit it.
          for (const limit of neighbours(share(need))) {
            const sized = decide(at(limit));
            expect(resultOf(inputOf(at(limit), c.contracts + 1), code)).toBe('fail');
            expect(sized.contracts).toBeLessThanOrEqual(c.contracts);
          }
        }),
        { numRuns: 300 },
      );
      expect(met).toBeGreaterThan(50);
    },
  );
});

describe('a limit on contracts', () => {
  test('is never passed by one', () => {
    fc.assert(
      fc.property(cases, (c) => {
        const s = snapshotOf(c, { maxContracts: c.contracts });
        if (decide(s).walls.length === 0) return;
        expect(resultOf(inputOf(s, c.contracts), 'max-contracts')).toBe('pass');
        for (const contracts of [c.contracts + 1, ...neighbours(c.contracts), c.contracts + 0.5])
          expect(resultOf(inputOf(s, contracts), 'max-contracts')).toBe('fail');
      }),
      { numRuns: 300 },
    );
  });
});

describe('a reading of a breaker', () => {
  const LIMITS = { 'day-loss': 'dayLossHalt', drawdown: 'drawdownHalt' } as const;
  test.each(['day-loss', 'drawdown'] as const)('%s: at its limit, or a bit to either side, it stops', (code) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9_999 }),
        fc.integer({ min: 200_000_000, max: 50_000_000_000 }),
        (n, equity) => {
          const limit = n / 10_000;
          const { breakers } = snapshot().config;
          const s = snapshot({ config: { breakers: { ...breakers, [LIMITS[code]]: limit } } });
          const fact = code === 'day-loss' ? 'dayLoss' : 'drawdown';
          const stateAt = (value: number) => resultOf(inputOf(s, 1, { facts: { ...QUIET, [fact]: value } }), code);
          for (const value of [limit, ...neighbours(limit), limit + CENT / equity]) expect(stateAt(value)).toBe('fail');
          expect(stateAt(limit - CENT / equity)).toBe('pass');
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a limit on times, counts and ticks', () => {
  const s = snapshot();
  const counts = fc.integer({ min: 1, max: 60 });
  const ago = (ms: number) => epochMs(SNAPSHOT_NOW - ms);
  const state = (code: RiskRuleCode, more: Partial<RiskInput>) => resultOf(inputOf(s, 1, more), code);

  test('is passed by nothing beyond it: entries a minute, losses in a row', () => {
    fc.assert(
      fc.property(counts, (n) => {
        const limits = { ...DEFAULT_RISK_LIMITS, maxOrdersPerMinute: n, maxConsecutiveLosses: n };
        const entries = (count: number, age: number) => Array.from({ length: count }, () => ago(age));
        const rate = (lastEntries: RiskFacts['lastEntries']) =>
          state('orders-per-minute', { limits, facts: { ...QUIET, lastEntries } });
        expect(rate(entries(n - 1, 59_999))).toBe('pass');
        expect(rate(entries(n, 59_999))).toBe('fail');
        expect(rate(entries(n, 60_000))).toBe('pass');
        // A clock that was set back makes no room.
        expect(rate(entries(n, -3_600_000))).toBe('fail');
        const losses = (consecutiveLosses: number) =>
          state('consecutive-losses', { limits, facts: { ...QUIET, consecutiveLosses } });
        expect([losses(n - 1), losses(n)]).toEqual(['pass', 'fail']);
      }),
      { numRuns: 100 },
    );
  });

  test('is passed by nothing beyond it: the age of a price, of a click, of the same click; the clock; the collar', () => {
    fc.assert(
      fc.property(fc.integer({ min: 500, max: 60_000 }), fc.integer({ min: 1, max: 200 }), (ms, priceCollarTicks) => {
        const limits = {
          ...{ ...DEFAULT_RISK_LIMITS, maxIntentAgeMs: ms, duplicateWindowMs: ms, maxOrderQuoteAgeMs: ms },
          priceCollarTicks,
        };
        const aged = (age: number) => {
          const config = { maxQuoteAgeMs: 60_000 };
          const quoted = snapshot({ config, quote: s.quote === null ? null : { ...s.quote, asOf: ago(age) } });
          return resultOf(inputOf(quoted, 1, { limits }), 'quote-age');
        };
        expect([aged(ms), aged(ms + 1)]).toEqual(['pass', 'fail']);
        const waited = (intentAgeMs: number) => state('intent-age', { limits, facts: { ...QUIET, intentAgeMs } });
        expect([waited(ms), waited(ms + 1)]).toEqual(['pass', 'fail']);
        const like = { symbol: nasdaq.symbol, direction: 1 as const, contracts: 1 };
        const again = (age: number) =>
          state('duplicate', { limits, facts: { ...QUIET, recentIntents: [{ ...like, at: ago(age) }] } });
        expect([again(ms), again(ms - 1)]).toEqual(['pass', 'fail']);
        const off = (clockSkewMs: number) => state('clock-skew', { facts: { ...QUIET, clockSkewMs } });
        expect([off(1_000), off(-1_000), off(1_001), off(-1_001)]).toEqual(['pass', 'pass', 'fail', 'fail']);
        const beyond = (by: number) => state('price-collar', { limits, limitPrice: ticks(93_945 + by) });
        expect([beyond(priceCollarTicks), beyond(priceCollarTicks + 1)]).toEqual(['pass', 'fail']);
      }),
      { numRuns: 100 },
    );
  });
});
