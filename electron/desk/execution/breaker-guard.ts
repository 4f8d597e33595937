import { DeskError } from '#shared/contract/errors.ts';
import type { SessionCalendar } from '#shared/domain/instrument.ts';
import type { Actor } from '#shared/domain/recommendation.ts';
import type { Latch, LatchCode } from '#shared/domain/risk.ts';
import type { Watch } from '#shared/domain/sizing.ts';
import type { Latches, Measures } from '#desk/account/latches.ts';
import type { Ledger } from '#desk/account/ledger.ts';
import { createDayOf } from '#desk/account/day-of.ts';
import { createLossStreak } from '#desk/account/loss-streak.ts';
import type { WatchKeeper } from '#desk/account/watch-keeper.ts';
import type { ExecutionContext } from './context.ts';

/** Reads what the latching breakers look at, and does what a tripped one is set to do. */
export interface BreakerGuard {
  watch(): Watch;
  measures(): Measures;
  consecutiveLosses(): number;
  /** Holds the readings against the limits. What trips stops entries, and closes what is open where it is set to. */
  check(): void;
  rearm(code: LatchCode, reason: string, actor: Actor): void;
}

export type BreakerGuardParts = {
  readonly latches: Latches;
  readonly ledger: Ledger;
  readonly keeper: WatchKeeper;
  readonly calendar: SessionCalendar;
  /** Halts and, when nothing that adds risk is left, closes what is open. */
  readonly onFlatten: (reason: string) => void;
};

const NAMES: Readonly<Record<LatchCode, string>> = {
  'day-loss': 'Day loss',
  drawdown: 'Drawdown',
  'consecutive-losses': 'Losses in a row',
  drift: 'Drift of the models',
};

/** Returns the guard of one account's breakers. */
export function createBreakerGuard(context: ExecutionContext, parts: BreakerGuardParts): BreakerGuard {
  const { book, clock, journal, trading } = context;
  const { latches, ledger, keeper, calendar } = parts;
  const lossStreak = createLossStreak({
    trades: (filter) => journal.trades(filter),
    tradeChanges: (since) => journal.tradeChanges(since),
    openLots: () => book.openLots(),
  });
  const dayOf = createDayOf(calendar);
  let streak: { readonly revision: number; readonly day: string; readonly value: number } | null = null;

  const consecutiveLosses = (): number => {
    const now = clock.now();
    // A correction changes what trades made without changing how many there are.
    const [revision, day] = [book.revision(), dayOf(now)];
    if (streak?.revision !== revision || streak.day !== day) {
      const { scratchR } = context.config().sample;
      streak = { revision, day, value: lossStreak({ calendar, scratchR, now }) };
    }
    return streak.value;
  };
  const watch = (): Watch => {
    const { equity } = book.account();
    const opening = ledger.dayOpening();
    const peak = Math.max(ledger.peak(), equity);
    return keeper.watch({
      dayLoss: opening > 0 ? Math.max(0, (opening - equity) / opening) : 0,
      drawdown: peak > 0 ? Math.max(0, (peak - equity) / peak) : 0,
    });
  };
  const measures = (): Measures => {
    const { dayLoss, drawdown, cusum } = watch();
    const now = clock.now();
    const day = ledger.sessionDay() ?? dayOf(now);
    return { now, sessionDay: day, dayLoss, drawdown, consecutiveLosses: consecutiveLosses(), cusum };
  };
  const act = ({ code, effect }: Latch): void => {
    const reason = `${NAMES[code]} passed its limit`;
    if (effect === 'flatten') parts.onFlatten(reason);
    // Decisions read drift themselves: it sizes nothing until it is armed again.
    else if (code !== 'drift') trading.tighten('reducing', reason);
  };

  return {
    watch,
    measures,
    consecutiveLosses,
    check: () => {
      const trips = latches.check(measures());
      for (const trip of trips) act(trip);
      if (trips.length > 0) context.changed();
    },
    rearm: (code, reason, actor) => {
      const result = latches.rearm(code, { reason, actor, measures: measures() });
      if (!result.ok) {
        throw new DeskError({
          code: result.error.code === 'not-latched' ? 'refused' : 'invalid-input',
          message:
            result.error.code === 'not-latched' ? `${NAMES[code]} has not tripped` : 'arming it again needs a reason',
          field: result.error.code === 'not-latched' ? 'code' : 'reason',
          value: code,
        });
      }
      if (code === 'drift') {
        ledger.noteResume(journal.lastSeq());
        keeper.acknowledge();
      }
      context.changed();
    },
  };
}
