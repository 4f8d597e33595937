import type { EpochMs, Money } from '#shared/units.ts';
import { epochMs, money } from '#shared/units.ts';
import type { TradingState } from '#shared/domain/sizing.ts';
import type { Actor } from '#shared/domain/recommendation.ts';
import { sessionDay } from '#desk/engine/session.ts';
import type { SessionCalendar } from '#shared/domain/instrument.ts';
import type { Journal } from '#desk/ports/journal.ts';
import { createDayOf } from './day-of.ts';

/** Share by which the peak may rise before it is journaled. */
const PEAK_STEP = 0.001;

/** Peak, session opening and trading state: what survives a restart beside the book. */
export interface Ledger {
  readonly initialEquity: Money;
  peak(): Money;
  dayOpening(): Money;
  state(): { readonly state: TradingState; readonly reason: string | null; readonly since: EpochMs | null };
  /** True when `now` is in another session day than the last mark. */
  isNewDay(now: EpochMs): boolean;
  mark(equity: Money): void;
  /** True when the peak has risen by more than a thousandth since one was journaled: a restart would forget it. */
  isPeakUnrecorded(): boolean;
  noteRecorded(equity: Money): void;
  openDay(now: EpochMs, equity: Money): void;
  setState(state: TradingState, reason: string, at: EpochMs, actor: Actor): void;
  /** Session day of the opening equity; null before the first. */
  sessionDay(): string | null;
  /** Event number of the last resume, or of the last time drift was armed again: drift is counted from there. */
  lastResumeSeq(): number;
  noteResume(seq: number): void;
}

/** Reads the ledger's state from the journal: the last events of each kind that carries it. */
export function createLedger(journal: Journal, initialEquity: Money, calendar: SessionCalendar): Ledger {
  let peak = initialEquity;
  let recordedPeak = initialEquity;
  let opening = initialEquity;
  let day: string | null = null;
  const dayOf = createDayOf(calendar);
  let resumeSeq = 0;
  let state: ReturnType<Ledger['state']> = { state: 'active', reason: null, since: null };

  for (const { at, event } of journal.events({ kinds: ['equity'] })) {
    const equity = money(event.realised + event.openPnl);
    if (equity > peak) peak = equity;
    recordedPeak = peak;
    const eventDay = sessionDay(at, calendar);
    if (eventDay !== day) {
      day = eventDay;
      opening = equity;
    }
  }
  for (const { seq, at, event } of journal.events({ kinds: ['trading-state'] })) {
    state = { state: event.state, reason: event.state === 'active' ? null : event.reason, since: epochMs(at) };
    if (event.state === 'active') resumeSeq = seq;
  }
  for (const { seq, event } of journal.events({ kinds: ['breaker-rearmed'] })) {
    if (event.code === 'drift') resumeSeq = Math.max(resumeSeq, seq);
  }

  return {
    initialEquity,
    peak: () => peak,
    dayOpening: () => opening,
    state: () => state,
    isNewDay: (now) => dayOf(now) !== day,
    mark: (equity) => {
      if (equity > peak) peak = equity;
    },
    isPeakUnrecorded: () => peak > recordedPeak * (1 + PEAK_STEP),
    noteRecorded: (equity) => {
      if (equity > peak) peak = equity;
      recordedPeak = peak;
    },
    openDay: (now, equity) => {
      day = sessionDay(now, calendar);
      opening = equity;
      if (equity > peak) peak = equity;
    },
    setState: (next, reason, at) => {
      state = { state: next, reason: next === 'active' ? null : reason, since: at };
    },
    sessionDay: () => day,
    lastResumeSeq: () => resumeSeq,
    noteResume: (seq) => {
      resumeSeq = seq;
    },
  };
}
