import type { Latch, LatchCode, LatchEffect, RiskLimits } from '#shared/domain/risk.ts';
import { latchCodeSchema } from '#shared/domain/risk.ts';
import type { Actor } from '#shared/domain/recommendation.ts';
import type { Guards, SizingConfig } from '#shared/domain/sizing.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { type EpochMs } from '#shared/units.ts';
import { COMPARISON_TOLERANCE } from '#desk/engine/numerics.ts';
import { ORDER_RATE_WINDOW_MS } from '#desk/engine/risk-rules.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import type { Journal } from '#desk/ports/journal.ts';

/** What the latching breakers look at, all of own accounts. Shares are positive when something was lost. */
export type Measures = {
  readonly now: EpochMs;
  /** Session day the readings belong to: the one whose opening equity `dayLoss` is measured from. */
  readonly sessionDay: string;
  /** Loss since the session day opened, realised and open, as a share of its opening equity; 0 when up. */
  readonly dayLoss: number;
  /** Fall of equity, open P&L included, from its highest value ever, as a share of that; 0 at the peak. */
  readonly drawdown: number;
  /** Losing trades in a row in this session day; scratches neither count nor end the row. */
  readonly consecutiveLosses: number;
  /** Drift statistic of the models; null before the first resolved prediction. */
  readonly cusum: number | null;
};

/** A breaker that has just tripped. It is journaled already. */
export type Trip = Latch;

export type RearmError =
  | { readonly code: 'not-latched'; readonly breaker: LatchCode }
  | { readonly code: 'reason-missing'; readonly breaker: LatchCode };

/** Breakers that hold once tripped, over restarts too, until a trader arms them again. */
export interface Latches {
  /** Holds the readings against the limits; whatever trips is latched and journaled before this returns. */
  check(measures: Measures): readonly Trip[];
  /** Those that hold now, in the order of their codes. */
  latched(): readonly Latch[];
  /** Arms one again, by hand, with a reason; journaled. `measures` are the readings of this moment. */
  rearm(
    code: LatchCode,
    by: { readonly reason: string; readonly actor: Actor; readonly measures: Measures },
  ): Result<Latch, RearmError>;
  /** What those that hold do together: nothing, stop entries, or also close what is open. */
  effect(): LatchEffect | 'none';
  /** What decisions and rules need: those that hold, and the readings that were accepted when one was armed again. */
  guards(): Pick<Guards, 'latches' | 'rearmed'>;
}

export type LatchParts = {
  readonly journal: Pick<Journal, 'events'>;
  /** The one way to write. */
  readonly record: (events: readonly JournalEvent[]) => unknown;
  readonly limits: () => RiskLimits;
  /** Levels that are shares of equity, and the drift level, stand in the sizing configuration. */
  readonly breakers: () => SizingConfig['breakers'];
};

/** What decisions look at beside the readings of the watch: latched breakers, losses in a row, the rate of entries. */
export function guardsOf(parts: {
  readonly latches: Pick<Latches, 'guards'>;
  readonly limits: RiskLimits;
  readonly consecutiveLosses: number;
  /** When entries were sent; older ones than a minute may be left in. */
  readonly lastEntries: readonly EpochMs[];
  readonly now: EpochMs;
}): Guards {
  const { latches, limits, consecutiveLosses, lastEntries, now } = parts;
  return {
    ...latches.guards(),
    consecutiveLosses,
    maxConsecutiveLosses: limits.maxConsecutiveLosses,
    entriesLastMinute: lastEntries.filter((at) => now - at < ORDER_RATE_WINDOW_MS).length,
    maxOrdersPerMinute: limits.maxOrdersPerMinute,
  };
}

/** The reading a trader accepted by arming a breaker again, and the session day it was on. */
type Excuse = { readonly value: number; readonly sessionDay: string };

/** Drift starts again from zero when it is armed again, so nothing of it is excused. */
const isExcusable = (code: LatchCode): boolean => code !== 'drift';

const readingOf = (code: LatchCode, measures: Measures): number | null => {
  switch (code) {
    case 'day-loss':
      return measures.dayLoss;
    case 'drawdown':
      return measures.drawdown;
    case 'consecutive-losses':
      return measures.consecutiveLosses;
    case 'drift':
      return measures.cusum;
  }
};

function restored(journal: LatchParts['journal']): {
  readonly held: Map<LatchCode, Latch>;
  readonly excuses: Map<LatchCode, Excuse>;
} {
  const held = new Map<LatchCode, Latch>();
  const excuses = new Map<LatchCode, Excuse>();
  for (const { event } of journal.events({ kinds: ['breaker-tripped', 'breaker-rearmed'] })) {
    if (event.kind === 'breaker-tripped') {
      held.set(event.latch.code, event.latch);
      excuses.delete(event.latch.code);
      continue;
    }
    held.delete(event.code);
    const { value, sessionDay } = event;
    if (isExcusable(event.code) && value !== undefined && sessionDay !== undefined) {
      excuses.set(event.code, { value, sessionDay });
    }
  }
  return { held, excuses };
}

/**
 * Returns the latching breakers of an account, restored from the journal.
 *
 * - `day-loss` measures realised and open P&L since the session day opened, by the exchange's clock.
 * - `drawdown` measures equity, open P&L included, against the highest it has been.
 * - `consecutive-losses` counts closed own trades of this session day; a win starts it again, a scratch changes nothing.
 * - `drift` is the CUSUM statistic of the models at its halt level; it stops entries and never flattens.
 *
 * A breaker trips when its reading reaches its limit. From then on it holds, whatever it reads and whichever day it is,
 * until it is armed again. Arming it again accepts the reading of that moment: it trips anew when the reading gets worse
 * than that, when it comes back to the limit after having been below, or when the reading still stands on another
 * session day. Drift is armed again by starting its statistic from zero, so it trips at its limit as ever.
 */
export function createLatches({ journal, record, limits, breakers }: LatchParts): Latches {
  const { held, excuses } = restored(journal);

  const limitOf = (code: LatchCode): number => {
    switch (code) {
      case 'day-loss':
        return breakers().dayLossHalt;
      case 'drawdown':
        return breakers().drawdownHalt;
      case 'consecutive-losses':
        return limits().maxConsecutiveLosses;
      case 'drift':
        return breakers().cusumHalt;
    }
  };
  const effectOf = (code: LatchCode): LatchEffect => (code === 'drift' ? 'entries' : limits().breakerEffects[code]);

  /** Drops an excuse that is used up: the reading has been below its limit, or the session day is another. */
  const standingExcuse = (code: LatchCode, reading: number, sessionDay: string): Excuse | null => {
    const excuse = excuses.get(code);
    if (excuse === undefined) return null;
    const isStanding = reading >= limitOf(code) - COMPARISON_TOLERANCE && excuse.sessionDay === sessionDay;
    if (!isStanding) excuses.delete(code);
    return isStanding ? excuse : null;
  };
  const tripOf = (code: LatchCode, measures: Measures): Latch | null => {
    const reading = readingOf(code, measures);
    if (held.has(code) || reading === null) return null;
    const excuse = standingExcuse(code, reading, measures.sessionDay);
    const limit = limitOf(code);
    if (reading < limit - COMPARISON_TOLERANCE) return null;
    if (excuse !== null && reading <= excuse.value + COMPARISON_TOLERANCE) return null;
    const { now: since, sessionDay } = measures;
    return { code, effect: effectOf(code), value: reading, limit, since, sessionDay };
  };
  const latched = (): readonly Latch[] => latchCodeSchema.options.flatMap((code) => held.get(code) ?? []);

  return {
    check: (measures) => {
      const trips = latchCodeSchema.options.flatMap((code) => tripOf(code, measures) ?? []);
      for (const latch of trips) {
        // It holds even when the journal cannot be written.
        held.set(latch.code, latch);
        excuses.delete(latch.code);
      }
      if (trips.length > 0) record(trips.map((latch) => ({ kind: 'breaker-tripped', latch })));
      return trips;
    },
    latched,
    rearm: (code, { reason, actor, measures }) => {
      const latch = held.get(code);
      if (latch === undefined) return err({ code: 'not-latched', breaker: code });
      if (reason.trim() === '') return err({ code: 'reason-missing', breaker: code });
      const { sessionDay } = measures;
      const value = readingOf(code, measures) ?? 0;
      // Journaled first: what is not on disk must not let entries out.
      record([{ kind: 'breaker-rearmed', code, reason, actor, value, sessionDay }]);
      held.delete(code);
      if (isExcusable(code)) excuses.set(code, { value, sessionDay });
      return ok(latch);
    },
    effect: () => {
      const effects = latched().map(({ effect }) => effect);
      if (effects.length === 0) return 'none';
      return effects.includes('flatten') ? 'flatten' : 'entries';
    },
    guards: () => ({
      latches: latched().map(({ code, value, limit }) => ({ code, value, limit })),
      rearmed: latchCodeSchema.options.flatMap((code) => {
        const excuse = excuses.get(code);
        return excuse === undefined ? [] : [{ code, value: excuse.value }];
      }),
    }),
  };
}
