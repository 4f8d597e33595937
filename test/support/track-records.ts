import type { DecisionStatus } from '#shared/domain/decision.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import type { JournalEventOf } from '#desk/ports/events.ts';
import type { NewEvent } from '#desk/ports/journal.ts';
import { aDecision, aPrediction, aSnapshot, at, events, NOON } from './journal-events.ts';

export const HOUR = 3_600_000;

type Said = { readonly direction: -1 | 0 | 1; readonly confidence: number };

export type Signal = {
  readonly lstm: Said;
  readonly ensemble: Said;
  readonly status: DecisionStatus;
  /** Hours after noon at which it was decided, and at which its planned trade ended; null: it is still open. */
  readonly decided: number;
  readonly resolved: number | null;
  readonly isWon: boolean;
  /** What the size used; null where it was vetoed. */
  readonly probability: number | null;
};

export const aSignal = (overrides: Partial<Signal> = {}): Signal => ({
  lstm: { direction: 1, confidence: 0.65 },
  ensemble: { direction: 1, confidence: 0.7 },
  status: 'sized',
  decided: 0,
  resolved: 0.5,
  isWon: true,
  probability: 0.68,
  ...overrides,
});

/** The decision of signal `n`. */
export function decisionOf(n: number, { lstm, ensemble, status, decided }: Signal): NewEvent {
  const opinions = { lstm: aPrediction('lstm', lstm), ensemble: aPrediction('ensemble', ensemble) };
  const now = epochMs(NOON + decided * HOUR);
  const isSized = status === 'sized';
  const decision = aDecision({ status, contracts: isSized ? 2 : 0, direction: isSized ? lstm.direction : 0 });
  return at(now, events.decision(n, { snapshot: aSnapshot({ now, opinions }), decision }));
}

export function outcomeOf(n: number, signal: Signal): JournalEventOf<'outcome'> {
  const { lstm, ensemble, decided, resolved, isWon, probability, status } = signal;
  return {
    kind: 'outcome',
    recommendationId: `R${n}`,
    symbol: 'NQZ26-CME',
    decidedAt: epochMs(NOON + decided * HOUR),
    exit: isWon ? 'target' : 'stop',
    exitPrice: ticks(84_061),
    exitAt: epochMs(NOON + (resolved ?? 0) * HOUR),
    netPerContract: money(isWon ? 3_000_000 : -2_000_000),
    r: isWon ? 1.5 : -1,
    combined: 0.4 * lstm.confidence + 0.6 * ensemble.confidence,
    probability,
    suggested: status === 'sized' ? 2 : 0,
    riskPerContract: money(2_000_000),
  };
}

/** Decisions and outcomes of signals R1, R2, …, in the order they happened. */
export function journaled(signals: readonly Signal[]): readonly NewEvent[] {
  const all = signals.flatMap((signal, i): readonly NewEvent[] => [
    decisionOf(i + 1, signal),
    ...(signal.resolved === null ? [] : [at(epochMs(NOON + signal.resolved * HOUR), outcomeOf(i + 1, signal))]),
  ]);
  return all.toSorted((a, b) => a.at - b.at);
}
