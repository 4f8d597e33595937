import { describe, expect, it } from 'vitest';
import { riskAdjustedCusum } from '#desk/engine/drift.ts';
import { createTrackRecord } from '#desk/watch/track-record.ts';
import { epochMs } from '#shared/units.ts';
import { at, NOON } from '#test/support/journal-events.ts';
import { temporaryJournal } from '#test/support/temp-journal.ts';
import { aSignal, decisionOf, HOUR, journaled, outcomeOf } from '#test/support/track-records.ts';

const short = (confidence: number) => ({ direction: -1, confidence }) as const;
const flat = { direction: 0, confidence: 0.5 } as const;

function recordOf(signals: Parameters<typeof journaled>[0]) {
  const journal = temporaryJournal();
  journal.append(journaled(signals));
  const record = createTrackRecord(journal);
  record.follow();
  return { journal, record };
}

describe('the record of what the models said and what came of it', () => {
  it('takes every signal that resolved, whoever took it, also one below the gate', () => {
    const { record } = recordOf([
      aSignal({ decided: 0, resolved: 3 }),
      aSignal({
        decided: 1,
        resolved: 2,
        isWon: false,
        lstm: short(0.5),
        ensemble: short(0.55),
        status: 'low-confidence',
        probability: null,
      }),
      aSignal({ decided: 4, resolved: null }),
    ]);
    expect(record.resolved()).toMatchObject([
      {
        recommendationId: 'R2',
        direction: -1,
        lstm: 0.5,
        ensemble: 0.55,
        y: 0,
        status: 'low-confidence',
        probability: null,
      },
      { recommendationId: 'R1', direction: 1, lstm: 0.65, ensemble: 0.7, y: 1, status: 'sized', probability: 0.68 },
    ]);
  });

  it('counts pairs of directions, and what could not be read apart', () => {
    const { journal, record } = recordOf([
      aSignal(),
      aSignal({ lstm: short(0.7), status: 'disagree', resolved: null }),
      aSignal({ ensemble: flat, status: 'flat', resolved: null }),
    ]);
    const unread = aSignal({ status: 'model-missing', resolved: null });
    const decision = decisionOf(9, unread);
    if (decision.event.kind !== 'decision') throw new Error('not a decision');
    const { event } = decision;
    const opinions = { ...event.snapshot.opinions, lstm: null };
    journal.append([{ ...decision, event: { ...event, snapshot: { ...event.snapshot, opinions } } }]);
    record.follow();
    expect(record.agreement()).toEqual([
      {
        day: Math.floor(NOON / (24 * HOUR)),
        matrix: [
          [1, 1, 0],
          [0, 0, 0],
          [1, 0, 0],
        ],
        unread: 1,
      },
    ]);
    expect(Object.fromEntries(record.statuses())).toEqual({ sized: 1, disagree: 1, flat: 1, 'model-missing': 1 });
  });

  it('follows the same in steps as in one go', () => {
    const signals = Array.from({ length: 12 }, (_, i) =>
      aSignal({ decided: i, resolved: i + 1.5, isWon: i % 3 !== 0 }),
    );
    const whole = recordOf(signals).record;
    const journal = temporaryJournal();
    const record = createTrackRecord(journal);
    for (const event of journaled(signals)) {
      journal.append([event]);
      record.follow();
    }
    expect(record.resolved()).toEqual(whole.resolved());
    expect(record.drift()).toEqual(whole.drift());
    expect(record.agreement()).toEqual(whole.agreement());
  });

  it('has the drift of the breaker, on what was sized from, and starts again where a person had it start again', () => {
    const ys = [true, false, false, false, true];
    const signals = ys.map((isWon, i) => aSignal({ decided: i, resolved: i + 0.5, isWon }));
    const vetoed = aSignal({ decided: 2, resolved: 2.2, isWon: false, probability: null, status: 'low-confidence' });
    const { journal, record } = recordOf([...signals, vetoed]);
    const cusum = riskAdjustedCusum(
      ys.map(() => 0.68),
      ys.map(Number),
    );
    const expected = cusum.ok ? cusum.value.statistic : [];
    expect(record.drift().points.map(({ value }) => value)).toEqual(expected);
    const time = epochMs(NOON + 6 * HOUR);
    journal.append([at(time, { kind: 'trading-state', state: 'active', reason: 'looked at', actor: 'trader' })]);
    record.follow();
    expect(record.drift()).toMatchObject({ value: 0, resets: [time] });
    journal.append([at(time, outcomeOf(7, aSignal({ isWon: false })))]);
    record.follow();
    expect(record.drift().value).toBe(-Math.log1p((0.6 - 1) * 0.68));
  });

  // LSTM says .65, the ensemble .7. One won, one lost, both also counted where the size was vetoed:
  // ln .6 − ln(1 − .4p) for a win (floored at 0), −ln(1 − .4p) for a loss, so .65: 0, .3011; .7: 0, .3285.
  it('has the drift of each model alone, of vetoed signals too, by hand', () => {
    const won = aSignal({ decided: 0, resolved: 0.5, isWon: true });
    const lost = aSignal({ decided: 1, resolved: 1.5, isWon: false, probability: null, status: 'low-confidence' });
    const { journal, record } = recordOf([won, lost]);
    const valuesOf = (subject: 'lstm' | 'ensemble') => record.drift(subject).points.map(({ value }) => value);
    expect(valuesOf('lstm')[0]).toBe(0);
    expect(valuesOf('lstm')[1]).toBeCloseTo(0.301105, 6);
    expect(valuesOf('ensemble')[1]).toBeCloseTo(0.328504, 6);
    expect(record.drift().points).toHaveLength(1);
    const time = epochMs(NOON + 6 * HOUR);
    journal.append([at(time, { kind: 'trading-state', state: 'active', reason: 'looked at', actor: 'trader' })]);
    record.follow();
    expect(record.drift('lstm')).toMatchObject({ value: 0, resets: [time] });
  });
});
