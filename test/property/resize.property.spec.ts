import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gateOf } from '#desk/backtest/tape-snapshot.ts';
import { ruleOf } from '#desk/backtest/sizing-rules.ts';
import type { Case } from '#desk/backtest/tape.ts';
import { decide } from '#desk/engine/decide.ts';
import { resize } from '#desk/engine/resize.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import { arbitrarySnapshot } from '#test/support/snapshots.ts';

const LIVE = { kind: 'recommended', multiplier: null, evidenceTrades: null, lookBackDays: null } as const;
const sources = {
  windows: {
    of: () => {
      throw new Error('the live policy reads the recorded samples');
    },
  },
  volatility: { of: () => null },
};

/** The case a decision would be on a tape; null when its signal does not stand. */
function caseOf(snapshot: SizingSnapshot): Case | null {
  const { direction, winProbability, riskPerContract, contracts } = decide(snapshot);
  if (direction === 0 || winProbability === null || riskPerContract === null) return null;
  const compact = { ...snapshot, opinions: { lstm: null, ensemble: null }, quote: null };
  return {
    ...{ id: 'r', at: snapshot.now, direction, winProbability, riskPerContract, stop: 0, snapshot: compact },
    ...{
      gate: gateOf(snapshot),
      suggested: contracts,
      executed: contracts,
      closedAt: Infinity,
      isProposal: contracts > 0,
    },
    outcome: {
      source: 'unresolved',
      fillsUntil: snapshot.now,
      endsAt: Infinity,
      sent: 1,
      filled: 1,
      legs: [],
    },
    plan: null,
  };
}

describe('sizing again without the ladder', () => {
  test('gives the contracts and the status of decide, for every signal that stands', () => {
    const rule = ruleOf(LIVE, sources);
    let standing = 0;
    fc.assert(
      fc.property(arbitrarySnapshot(), (snapshot) => {
        const item = caseOf(snapshot);
        if (item === null) return;
        standing += 1;
        const decision = decide(snapshot);
        if (item.gate !== null) {
          expect(decision.contracts).toBe(0);
          return;
        }
        const { contracts, status, riskFraction } = resize(item.snapshot, item.direction, rule(item));
        expect({ contracts, status, riskFraction }).toEqual({
          contracts: decision.contracts,
          status: decision.status,
          riskFraction: decision.riskFraction,
        });
      }),
      { numRuns: 3000 },
    );
    expect(standing).toBeGreaterThan(1000);
  });
});
