import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decide } from '#desk/engine/decide.ts';
import type { Decision } from '#shared/domain/decision.ts';
import { moneyFromUsd } from '#shared/units.ts';
import {
  actionText,
  bindingText,
  breakerName,
  modelNames,
  nextWallsText,
  oneMoreText,
  reasoning,
  statusText,
  stepText,
  wallName,
  wallText,
} from '#shared/wording/index.ts';
import {
  arbitrarySnapshot,
  exposure,
  guards,
  holding,
  nasdaq,
  prediction,
  referenceSample,
  snapshot,
} from '#test/support/snapshots.ts';
import type { SnapshotOverrides } from '#test/support/snapshots.ts';

/** Narrow spaces read as plain ones, for texts that fit in a test. */
const plain = (text: string): string => text.replaceAll('\u202f', ' ');

const sized = decide(
  snapshot({ exposures: [exposure({ root: 'GC', symbol: 'GCZ26-COMEX', margin: moneyFromUsd(8500) })] }),
);
const status = (overrides: SnapshotOverrides): string => plain(statusText(decide(snapshot(overrides))));
const models = (lstm: Parameters<typeof prediction>[2], confidence = 0.65) => ({
  opinions: { lstm: prediction('lstm', confidence, lstm), ensemble: prediction('ensemble', 0.6) },
});

describe('a sized decision', () => {
  test('says what binds and what one more would break', () => {
    expect(statusText(sized)).toBe('bound by max contracts');
    expect(bindingText(sized)).toBe('Bound by max contracts');
    expect(oneMoreText(sized)).toBe('6 would break max contracts (6 > 5)');
    expect(nextWallsText(sized)).toBe('10 breaks Kelly and buying power, 13 breaks risk ceiling');
    expect(actionText(sized)).toBe('Buy');
  });

  test('says the share of equity that one more would take', () => {
    const decision = decide(snapshot({ equity: moneyFromUsd(50_000) }));
    expect(plain(oneMoreText(decision))).toBe('5 would break Kelly (4.15 % > 4.02 %)');
  });

  test('is explained in a few sentences', () => {
    const text = plain(reasoning(sized, nasdaq));
    expect(text).toBe(
      'Buy 5 NQZ26-CME: bound by max contracts; 6 would break max contracts (6 > 5). ' +
        'The models give 68.0 % and own trades pay 1.31 to 1; full Kelly is 43.52 % of equity, 4.02 % after evidence, ' +
        'λ and cap, which allows 9 contracts. The stop risks $2,073.00, 2.07 % of equity; heat becomes 2.57 %.',
    );
  });

  test('has a ladder in words', () => {
    const rows = sized.ladder.map((step) => Object.values(stepText(step)).map(plain));
    expect(rows).toEqual([
      ['Win probability p', '68.0 %', '0.4 × 65.0 + 0.6 × 70.0'],
      ['Win / loss ratio b', '1.31', '1.45 raw on 60 trades in this market, 36 W 24 L, 30 days, 3 scratches left out'],
      ['Full Kelly', '43.52 %', 'p − (1 − p) ÷ b'],
      ['× 0.667 evidence', '29.01 %', '60 / (60 + 30)'],
      ['× 0.139 λ', '4.02 %', 'dial: ever −20 % at 5 %, nominal'],
      ['Cap 25 %', '4.02 %', '✓ under the cap'],
      ['Minimum 1 %', '4.02 %', '✓ not below the minimum'],
      ['÷ loss per contract', '$414.60', '(80 + 2) ticks × $5.00 + $4.60; average loss $380.00'],
    ]);
  });

  test('has walls in words', () => {
    const rows = sized.walls.map((wall) => Object.values(wallText(wall)).map(plain));
    expect(rows).toEqual([
      ['Kelly 4.02 %', '9', '9.70', '2.07 % of 4.02 %', ''],
      ['Risk ceiling 5 %', '12', '12.06', '2.07 % of 5 %', ''],
      ['Max contracts', '5', '—', '5 of 5', ''],
      ['Buying power 50 %', '9', '9.88', '29.50 % of 50 %', ''],
      ['Heat 20 %', '47', '47.03', '2.57 % of 20 %', ''],
    ]);
  });

  test('never shows an unrounded count as the next whole number', () => {
    const wall = { ...sized.walls[0]!, allowed: 9, unrounded: 9.9999 };
    expect(wallText(wall).unrounded).toBe('9.99');
  });
});

describe('no trade', () => {
  test('says why in a few words, with the numbers compared', () => {
    expect(status(models({}, 0.59))).toBe('No trade: confidence 59.6 % < 60 %');
    expect(status(models({}, 0.5999))).toBe('No trade: confidence 59.996 % < 60 %');
    expect(status(models({ direction: -1 }))).toBe('No trade: models disagree');
    expect(status(models({ direction: 0 }))).toBe('No trade: LSTM says flat');
    expect(status(models({ asOf: (snapshot().now - 74_300) as never }))).toBe('No trade: LSTM stale, 74 s');
    expect(status({ opinions: { lstm: null, ensemble: null } })).toBe('No trade: no prediction from LSTM and ensemble');
    expect(status({ tradingState: 'halted' })).toBe('No trade: trading is halted');
    expect(status({ watch: { dayLoss: 0.031 } })).toBe('No trade: halted by daily loss (3.10 %, halts at 3 %)');
    expect(status({ equity: moneyFromUsd(10_000) })).toBe(
      'No trade: one contract takes $414.60, $402.24 is allowed; MNQ is smaller',
    );
    const thin = { ...referenceSample, wins: 10, losses: 10, sumWinR: 6.2, sumLossR: 10 };
    expect(status({ samples: [thin] })).toMatch(/^No trade: 0\.\d\d % < 1 % minimum$/);
    expect(status({ exposures: [exposure({ root: 'CL', symbol: 'CLF27-NYMEX', risk: moneyFromUsd(19_700) })] })).toBe(
      'No trade: heat: one contract more makes it 20.11 % > 20 %',
    );
  });

  test('explains a veto without inventing a size', () => {
    const text = plain(reasoning(decide(snapshot(models({}, 0.59))), nasdaq));
    expect(text).toBe(
      "No trade in NQZ26-CME: confidence 59.6 % < 60 %. The higher of the models' confidences is 60.0 %; nothing was sized.",
    );
  });

  test('says nothing about walls', () => {
    const decision = decide(snapshot({ tradingState: 'halted' }));
    expect([bindingText(decision), oneMoreText(decision), nextWallsText(decision)]).toEqual(['', '', '']);
    expect(actionText(decision)).toBe('No trade');
  });

  test('a payoff next to nothing is no edge, not a number of many digits', () => {
    const sample = { ...referenceSample, sumWinR: 1e-6 };
    const decision = decide(snapshot({ samples: [sample] }));
    expect(decision.status).toBe('no-edge');
    expect(plain(reasoning(decision, nasdaq))).toContain('full Kelly is under −100 % of equity');
  });
});

test('names walls, breakers and models, and opens a code it does not know', () => {
  expect(wallName('cluster')).toBe('correlated exposure');
  expect(breakerName('day-loss')).toBe('daily loss');
  expect(breakerName('new-thing')).toBe('new thing');
  expect(modelNames('lstm, ensemble')).toBe('LSTM and ensemble');
});

describe('any decision', () => {
  const textsOf = (decision: Decision, symbol: string): readonly string[] => [
    statusText(decision),
    bindingText(decision),
    oneMoreText(decision),
    nextWallsText(decision),
    reasoning(decision, { symbol }),
    ...decision.ladder.flatMap((step) => Object.values(stepText(step))),
    ...decision.walls.flatMap((wall) => Object.values(wallText(wall))),
  ];

  test('is never told in NaN, undefined, null, Infinity, or a bare code', () => {
    fc.assert(
      fc.property(arbitrarySnapshot(), (s) => {
        const decision = decide(s);
        for (const text of textsOf(decision, s.instrument.symbol)) {
          expect(text).not.toMatch(/NaN|undefined|null|Infinity|\[object|-0\b/);
          expect(text).not.toMatch(/\b(?:no-edge|too-small|risk-ceiling|max-contracts|buying-power|low-confidence)\b/);
        }
        expect(statusText(decision).length).toBeGreaterThan(8);
        expect(statusText(decision).startsWith('No trade: ')).toBe(decision.contracts === 0);
      }),
      { numRuns: 2000 },
    );
  });

  test('is explained in two to four sentences', () => {
    fc.assert(
      fc.property(arbitrarySnapshot(), (s) => {
        const text = reasoning(decide(s), s.instrument);
        const sentences = text.split(/\.(?:\s|$)/).filter((part) => part !== '');
        expect(sentences.length).toBeGreaterThanOrEqual(2);
        expect(sentences.length).toBeLessThanOrEqual(4);
      }),
      { numRuns: 1000 },
    );
  });

  test('never contradicts itself in what one more would break', () => {
    const read = (text: string) => Number(text.replace(/[^\d.]/g, ''));
    fc.assert(
      fc.property(arbitrarySnapshot(), (s) => {
        const decision = decide(s);
        for (const [, value, limit] of oneMoreText(decision).matchAll(/\(([^()]+) > ([^()]+)\)/g)) {
          expect(read(value!)).toBeGreaterThan(read(limit!));
        }
      }),
      { numRuns: 1500 },
    );
  });
});

describe('a position in the contract itself', () => {
  const held = (contracts: number, risk: number, overrides: SnapshotOverrides = {}, direction: 1 | -1 = 1): Decision =>
    decide(holding(snapshot(overrides), { contracts, risk: moneyFromUsd(risk), direction }));

  test('is added to: what is added, and what is held then', () => {
    const added = held(2, 829.2);
    expect(oneMoreText(added)).toBe('4 more would break max contracts (6 > 5)');
    expect(nextWallsText(added)).toBe('8 more breaks Kelly, 10 more breaks buying power');
    expect(plain(reasoning(added, nasdaq))).toBe(
      'Buy 3 more NQZ26-CME, to hold 5: bound by max contracts; 4 more would break max contracts (6 > 5). ' +
        'The models give 68.0 % and own trades pay 1.31 to 1; full Kelly is 43.52 % of equity, 4.02 % after evidence, ' +
        'λ and cap, which allows 7 beside the 2 held. The stop of what is added risks $1,243.80, 1.24 % of equity; ' +
        'heat becomes 2.07 %.',
    );
  });

  test('at its target says held, target and limit', () => {
    expect(statusText(held(5, 2073))).toBe(
      'No trade: at its target: 5 contracts held, the target is 5 by max contracts',
    );
    expect(statusText(held(2, 1900, { equity: moneyFromUsd(50_000) }))).toBe(
      'No trade: 2 contracts held, the target is 4 by Kelly, and the open risk of what is held leaves no room for more',
    );
  });

  test('on the other side is to be closed first', () => {
    expect(statusText(held(2, 829.2, {}, -1))).toBe(
      'No trade: NQZ26-CME is short 2 contracts and the signal points the other way: close it first',
    );
  });

  test('with an order still out says so', () => {
    const out = (working: number, inDoubt: number): string => status({ held: { position: null, working, inDoubt } });
    expect(out(2, 0)).toBe('No trade: an order for 2 contracts is still working in NQZ26-CME');
    expect(out(0, 1)).toBe('No trade: 1 contract in doubt: the broker may have the order');
  });
});

describe('guards', () => {
  test('say what halts and at which number', () => {
    expect(status({ guards: guards({ consecutiveLosses: 5 }) })).toBe(
      'No trade: halted by losses in a row (5, halts at 5)',
    );
    expect(status({ guards: guards({ latches: [{ code: 'day-loss', value: 0.031, limit: 0.03 }] }) })).toBe(
      'No trade: halted by daily loss (3.10 %, halts at 3 %)',
    );
    expect(status({ guards: guards({ entriesLastMinute: 10 }) })).toBe(
      'No trade: 10 entries in the last minute, at most 10',
    );
  });
});
