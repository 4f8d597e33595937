import { DeskError } from '#shared/contract/errors.ts';
import { REASON_CODES, type ReasonCode, type Recommendation } from '#shared/domain/recommendation.ts';
import type { Startup } from '#shared/domain/status.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';
import type { SimulatedMarket } from '#desk/adapters/market/simulated.ts';
import type { Assembly } from '#desk/assembly.ts';
import type { DeskClock } from './clocks.ts';
import type { Prng } from '#desk/engine/prng.ts';
import type { Journal } from '#desk/ports/journal.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A warm-up session: 360 minutes from 14:30 UTC, models asked twice. */
const SESSION_START_MS = 14.5 * 3_600_000;
const SESSION_MINUTES = 360;
const DECISION_MINUTES: ReadonlySet<number> = new Set([120, 300]);
/** Minutes played before the present, so that the charts have no hole where the desk comes alive. */
export const CATCH_UP_MINUTES = 180;
/** Sessions whose minute bars are kept; of the others the daily bar is. */
const SESSIONS_WITH_BARS = 2;

export type WarmUpParts = {
  readonly assembly: Assembly;
  readonly market: SimulatedMarket;
  readonly clock: DeskClock;
  readonly journal: Journal;
  readonly symbols: readonly string[];
  readonly prng: Prng;
  readonly onProgress: (startup: Startup) => void;
  readonly signal: AbortSignal;
};

/** Returns the starts of the last `count` weekday sessions before the day of `now`, oldest first. */
export function sessionStarts(now: EpochMs, count: number): readonly EpochMs[] {
  const starts: EpochMs[] = [];
  for (let day = Math.floor(now / DAY_MS) - 1; starts.length < count; day -= 1) {
    const weekday = new Date(day * DAY_MS).getUTCDay();
    if (weekday !== 0 && weekday !== 6) starts.unshift(epochMs(day * DAY_MS + SESSION_START_MS));
  }
  return starts;
}

/** Plays one minute on virtual time. */
export function playMinute({ clock, market }: Pick<WarmUpParts, 'clock' | 'market'>, openAt: EpochMs): void {
  clock.advanceTo(epochMs(openAt + MINUTE_MS));
  market.playBar(openAt);
}

/**
 * A stand-in for the trader while history is made: takes most proposals as they are, cuts some, rejects some, misses
 * some. Everything it does carries the actor `warm-up`.
 */
async function decideAll(proposals: readonly Recommendation[], { assembly, prng }: WarmUpParts): Promise<void> {
  const { pipeline, recommendations } = assembly;
  const reason = (): ReasonCode => REASON_CODES[prng.index(REASON_CODES.length)] ?? 'other';
  for (const proposal of proposals) {
    if (proposal.state !== 'proposed') continue;
    const mood = prng.nextDouble();
    const suggested = proposal.decision.contracts;
    try {
      if (mood < 0.84) await pipeline.approve({ id: proposal.id, contracts: suggested, reason: null }, 'warm-up');
      else if (mood < 0.9) {
        const contracts = Math.max(1, suggested - 1);
        const why = contracts === suggested ? null : { code: reason(), text: 'warm-up: smaller by choice' };
        await pipeline.approve({ id: proposal.id, contracts, reason: why }, 'warm-up');
      } else if (mood < 0.96) pipeline.reject(proposal.id, { code: reason(), text: 'warm-up: passed' }, 'warm-up');
      else recommendations.expire(proposal.id);
    } catch (error) {
      // The check at the click said no: the proposal ends unapproved, as it would for a trader.
      if (!(error instanceof DeskError) || error.data.code !== 'refused') throw error;
      recommendations.expire(proposal.id);
    }
  }
}

async function playSession(start: EpochMs, parts: WarmUpParts): Promise<void> {
  const { assembly, symbols } = parts;
  for (let minute = 0; minute < SESSION_MINUTES; minute += 1) {
    playMinute(parts, epochMs(start + minute * MINUTE_MS));
    if (!DECISION_MINUTES.has(minute)) continue;
    await decideAll(await assembly.pipeline.evaluate(symbols), parts);
  }
  const drift = assembly.pipeline.risk().breakers.find((b) => b.code === 'drift');
  // A halt by the trader stands. Drift waits for somebody to acknowledge it; while history is made nobody else is there.
  if (drift?.level === 'halt')
    assembly.pipeline.acknowledgeDrift('warm-up: drift acknowledged at the end of the session', 'warm-up');
}

/**
 * Makes the history of a first start: sessions fast-forwarded through the real pipeline (models over HTTP, sizing,
 * approvals, paper fills, journal), one transaction a session.
 */
export async function warmUp(sessions: readonly EpochMs[], parts: WarmUpParts): Promise<void> {
  const { assembly, journal, onProgress } = parts;
  assembly.recorder.setQuiet(true);
  for (const [done, start] of sessions.entries()) {
    if (parts.signal.aborted) break;
    const text = `Playing simulated session ${done + 1} of ${sessions.length}`;
    onProgress({ phase: 'warm-up', done, total: sessions.length, text });
    assembly.pipeline.setBarsStored(done >= sessions.length - SESSIONS_WITH_BARS ? 'on-flush' : 'never');
    await journal.batch(async () => {
      await playSession(start, parts);
      assembly.pipeline.flushBars();
    });
  }
  assembly.recorder.setQuiet(false);
}

/** Plays the minutes since `from` (at most the last few hours) up to the present minute, without asking the models. */
export async function catchUp(
  from: EpochMs,
  now: EpochMs,
  parts: Omit<WarmUpParts, 'prng' | 'symbols' | 'signal'>,
): Promise<void> {
  const end = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const first = Math.max(Math.ceil(from / MINUTE_MS) * MINUTE_MS, end - CATCH_UP_MINUTES * MINUTE_MS);
  parts.assembly.recorder.setQuiet(true);
  parts.assembly.pipeline.setBarsStored('on-flush');
  parts.onProgress({ phase: 'syncing', done: 0, total: 1, text: 'Playing the minutes up to now' });
  await parts.journal.batch(() => {
    for (let openAt = first; openAt < end; openAt += MINUTE_MS) playMinute(parts, epochMs(openAt));
    parts.assembly.pipeline.flushBars();
    return Promise.resolve();
  });
  parts.assembly.pipeline.setBarsStored('at-once');
  parts.assembly.recorder.setQuiet(false);
}
