import fc from 'fast-check';
import { expect, test } from 'vitest';

import { decide } from '#desk/engine/decide.ts';
import { DEFAULT_RISK_LIMITS } from '#desk/engine/risk-limits.ts';
import { checkRules, firstFailure } from '#desk/engine/risk-rules.ts';
import type { RiskInput } from '#desk/engine/risk-rules.ts';
import { contractCeiling } from '#shared/domain/ceiling.ts';
import type { WallCode } from '#shared/domain/decision.ts';
import { riskRuleResultSchema } from '#shared/domain/risk.ts';
import type { RiskRuleCode } from '#shared/domain/risk.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import { money } from '#shared/units.ts';
import { arbitrarySnapshot, holding } from '#test/support/snapshots.ts';
import { ruleText } from '#shared/wording/index.ts';

const RUNS = { numRuns: 400, endOnFailure: true };

/** Any snapshot, half of them with a position in the very contract. */
const snapshots = fc
  .record({
    s: arbitrarySnapshot(),
    contracts: fc.nat(4),
    risk: fc.nat(20_000_000),
    side: fc.constantFrom<(1 | -1)[]>(1, -1),
  })
  .map(({ s, contracts, risk, side }): SizingSnapshot => {
    if (contracts === 0) return s;
    return holding(s, { contracts, risk: money(risk), direction: side });
  });

/** Those that reach the limits. */
const standing = snapshots.filter((s) => decide(s).walls.length > 0);

const inputOf = (s: SizingSnapshot, contracts: number): RiskInput => ({
  snapshot: s,
  decision: decide(s),
  contracts,
  limitPrice: null,
  limits: DEFAULT_RISK_LIMITS,
  facts: {
    stage: 'approval',
    brokerState: 'live',
    clockSkewMs: null,
    lastEntries: [],
    recentIntents: [],
    intentAgeMs: null,
    consecutiveLosses: 0,
    latches: [],
    rearmed: [],
    dayLoss: s.watch.dayLoss,
    drawdown: s.watch.drawdown,
  },
});

const RULE_OF: Readonly<Record<Exclude<WallCode, 'kelly' | 'evaluation'>, RiskRuleCode>> = {
  'risk-ceiling': 'risk-per-trade',
  'max-contracts': 'max-contracts',
  'buying-power': 'buying-power',
  heat: 'heat',
  cluster: 'cluster',
};

test('what a decision proposes passes every rule', () => {
  fc.assert(
    fc.property(
      snapshots.filter((s) => decide(s).contracts > 0),
      (s) => {
        expect(firstFailure(checkRules(inputOf(s, decide(s).contracts)))).toBeNull();
      },
    ),
    { ...RUNS, numRuns: 100 },
  );
});

test('the ceiling passes every rule on size, and one contract more fails the limits that bind there', () => {
  fc.assert(
    fc.property(standing, (s) => {
      const decision = decide(s);
      const { contracts, walls } = contractCeiling(decision);
      const failed = (n: number) =>
        new Set(checkRules(inputOf(s, n)).flatMap(({ code, state }) => (state === 'fail' ? [code] : [])));
      if (contracts > 0) for (const rule of Object.values(RULE_OF)) expect(failed(contracts)).not.toContain(rule);
      const beyond = failed(contracts + 1);
      for (const { code, unit } of walls) {
        if (code === 'kelly') continue;
        const evaluation = unit === 'contracts' ? 'max-contracts' : 'risk-per-trade';
        expect(beyond).toContain(code === 'evaluation' ? evaluation : RULE_OF[code]);
      }
    }),
    RUNS,
  );
});

test('a decision of zero lets nothing out', () => {
  fc.assert(
    fc.property(snapshots, fc.integer({ min: 1, max: 20 }), (s, contracts) => {
      const decision = decide(s);
      if (decision.contracts > 0 || decision.walls.some(({ code, allowed }) => code === 'kelly' && allowed === 0))
        return;
      expect(firstFailure(checkRules(inputOf(s, contracts)))).not.toBeNull();
    }),
    RUNS,
  );
});

test('every result fits its schema and has a sentence', () => {
  fc.assert(
    fc.property(snapshots, fc.integer({ min: 1, max: 40 }), (s, contracts) => {
      for (const result of checkRules(inputOf(s, contracts))) {
        expect(riskRuleResultSchema.parse(result)).toEqual(result);
        expect(ruleText(result)).not.toMatch(/NaN|undefined|null|Infinity/);
      }
    }),
    RUNS,
  );
});
