import { describe, expect, it } from 'vitest';
import { calibratorOf, createWatchKeeper } from '#desk/account/watch-keeper.ts';
import { createPrng } from '#desk/engine/prng.ts';
import type { JournalEventOf } from '#desk/ports/events.ts';
import { epochMs } from '#shared/units.ts';
import { at, NOON } from '#test/support/journal-events.ts';
import { temporaryJournal } from '#test/support/temp-journal.ts';
import { aSignal, HOUR, journaled, outcomeOf } from '#test/support/track-records.ts';

const prng = createPrng(11);
const signals = Array.from({ length: 80 }, (_, i) => {
  const confidence = 0.6 + (i % 10) * 0.02;
  const said = { direction: 1, confidence } as const;
  const isWon = prng.nextDouble() < confidence - 0.1;
  return aSignal({ lstm: said, ensemble: said, decided: i, resolved: i + 0.5, isWon, probability: confidence });
});
const later = epochMs(NOON + 100 * HOUR);

function deskWith(count: number) {
  const journal = temporaryJournal();
  journal.append(journaled(signals.slice(0, count)));
  return journal;
}
const accepted = (fittedOn: number): JournalEventOf<'calibration'> => ({
  kind: 'calibration',
  choice: 'accepted',
  calibrator: { kind: 'platt', version: `n${fittedOn}`, a: -0.9, b: 0.1 },
  fittedOn,
  reason: null,
  actor: 'trader',
});

describe('the calibrator in force', () => {
  it('is the accepted one, also after a restart and however much has resolved since', () => {
    const journal = deskWith(60);
    journal.append([at(later, accepted(55))]);
    const keeper = createWatchKeeper(journal, 0);
    expect(keeper.calibrator()).toEqual(accepted(55).calibrator);
    for (const [i, signal] of signals.slice(60).entries()) keeper.add(outcomeOf(61 + i, signal));
    expect(keeper.calibrator()).toEqual(accepted(55).calibrator);
    expect(keeper.fitted()).toEqual({ on: 55, of: 80, isDue: true });
  });

  it('is fitted from all outcomes where none was ever journaled, and is then journaled once', () => {
    const keeper = createWatchKeeper(deskWith(60), 0);
    const event = keeper.adopt();
    expect(event).toMatchObject({ kind: 'calibration', choice: 'accepted', fittedOn: 60, actor: 'desk' });
    expect(event?.calibrator).toEqual(keeper.calibrator());
    if (event !== null) keeper.take(event);
    expect(keeper.adopt()).toBeNull();
  });

  it('stays when a fit is declined, and the next is due only after new outcomes', () => {
    const journal = deskWith(80);
    journal.append([at(later, accepted(55)), at(later, { ...accepted(80), choice: 'declined' })]);
    const keeper = createWatchKeeper(journal, 0);
    expect(keeper.calibrator()).toEqual(accepted(55).calibrator);
    expect(keeper.fitted()).toEqual({ on: 55, of: 80, isDue: false });
  });

  it('is refitted by itself only when that is asked for, and only when due', () => {
    const keeper = createWatchKeeper(deskWith(60), 0);
    expect(keeper.dueFit('warm-up')).toBeNull();
    for (const [i, signal] of signals.slice(60).entries()) keeper.add(outcomeOf(61 + i, signal));
    const before = keeper.calibrator();
    const due = keeper.dueFit('warm-up');
    expect(due).toMatchObject({ choice: 'accepted', fittedOn: 80, actor: 'warm-up' });
    expect(keeper.calibrator()).toEqual(before);
    if (due !== null) keeper.take(due);
    const expected = calibratorOf(
      signals.map(({ lstm, isWon }) => ({ combined: 0.4 * lstm.confidence + 0.6 * lstm.confidence, y: isWon ? 1 : 0 })),
    );
    expect(keeper.calibrator()).toEqual(expected);
  });
});
