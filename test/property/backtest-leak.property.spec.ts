import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICIES, isLivePolicy } from '#desk/backtest/catalogue.ts';
import { readTape } from '#desk/backtest/read-tape.ts';
import { replayPolicy } from '#desk/backtest/replay.ts';
import type { Walk } from '#desk/backtest/walk.ts';
import { ruleOf } from '#desk/backtest/sizing-rules.ts';
import { policyKey } from '#shared/domain/policy.ts';
import { randomJournal, type JournalFacts, readsOf } from '#test/support/journal-facts.ts';

/** Everything dated at or after `at`, as a liar would have it; what was known before stays as it was. */
function lieAbout(facts: JournalFacts, at: number, salt: number): JournalFacts {
  const later = (time: number): number => (time < at ? time : time + 1 + (salt % 977));
  return {
    ...facts,
    decisions: facts.decisions.map((one) =>
      one.at <= at
        ? one
        : {
            ...one,
            ...{ equityUsd: one.equityUsd * (1 + (salt % 5)), confidence: 0.95, last: one.last + (salt % 300) },
            ...{ stop: 8 + (salt % 50), isShort: !one.isShort, lie: 1 + (salt % 1_000) },
          },
    ),
    words: facts.words.map((one) =>
      one.at < at ? one : { ...one, state: salt % 2 === 0 ? 'rejected' : 'overridden', contracts: 1 + (salt % 4) },
    ),
    trades: facts.trades
      // A part that came in later may as well never have come.
      .filter(({ entryAt }) => entryAt < at || salt % 3 > 0)
      .map((one) => ({
        ...one,
        ...(one.exitAt < at ? {} : { exitAt: later(one.exitAt), netUsd: -3 * one.netUsd + (salt % 400) }),
        ...(one.entryAt < at
          ? {}
          : {
              ...{ entryAt: later(one.entryAt), entryPrice: one.entryPrice + (salt % 90) },
              quantity: 1 + (salt % one.quantity),
            }),
      })),
    orders: facts.orders.map((one) => ({ ...one, endsAt: later(one.endsAt) })),
    outcomes: facts.outcomes.map((one) =>
      one.exitAt < at ? one : { ...one, exitAt: later(one.exitAt), netUsd: 7 * one.netUsd - (salt % 500) },
    ),
    bars: facts.bars.map((one) => (one.closeAt < at ? one : { ...one, close: one.close + (salt % 700) })),
  };
}

const SEEN = ['status', 'asked', 'contracts', 'fraction', 'equity', 'riskFraction'] as const;

/** What a policy decided up to a time, each figure by its bits. */
function decisionsUntil(facts: JournalFacts, at: number): readonly (readonly [string, string])[] {
  const tape = readTape(readsOf(facts), { from: null, to: null });
  const known = tape.cases.filter((item) => item.at <= at).length;
  return DEFAULT_POLICIES.map((spec) => {
    const walk: Walk = replayPolicy(tape, { rule: (sources) => ruleOf(spec, sources), isLive: isLivePolicy(spec) });
    const columns = SEEN.map((name) => Array.from(walk[name]).slice(0, known).map(String).join(' '));
    return [policyKey(spec), columns.join('\n')] as const;
  });
}

describe('a backtest', () => {
  test('decides nothing by what is dated at or after the decision, over random journals', () => {
    let decided = 0;
    fc.assert(
      fc.property(randomJournal, fc.nat(), fc.integer({ min: 1, max: 1_000_000 }), (facts, place, salt) => {
        const at = facts.decisions[place % facts.decisions.length]?.at ?? 0;
        const truth = decisionsUntil(facts, at);
        decided += truth.filter(([, columns]) => /[1-9]/.test(columns.split('\n')[2] ?? '')).length;
        expect(decisionsUntil(lieAbout(facts, at, salt), at)).toEqual(truth);
      }),
      { numRuns: 120 },
    );
    expect(decided).toBeGreaterThan(200);
  });

  test('is caught looking ahead by the same lie, where a rule reads what became of the signal', () => {
    const caught = fc.sample(randomJournal, { numRuns: 40, seed: 3 }).some((facts) => {
      const at = facts.decisions.at(-1)?.at ?? 0;
      const sizes = (given: JournalFacts): string => {
        const tape = readTape(readsOf(given), { from: null, to: null });
        const peeking = replayPolicy(tape, {
          rule: () => (item) => () => ({
            kind: 'size',
            kelly: { contracts: item.outcome.legs.some(({ net }) => net > 0) ? 2 : 1 },
          }),
          isLive: false,
        });
        return peeking.contracts.join(' ');
      };
      return sizes(lieAbout(facts, at, 11)) !== sizes(facts);
    });
    expect(caught).toBe(true);
  });
});
