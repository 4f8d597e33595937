import { DeskError } from '#shared/contract/errors.ts';
import type { Recommendation, TraderReason } from '#shared/domain/recommendation.ts';
import { ticks } from '#shared/units.ts';
import type { Assembly } from '#desk/assembly.ts';
import { MINUTE } from './soak-world.ts';

/** What the trader of a soak did, and what the desk refused with a reason. */
export type Deeds = {
  approved: number;
  overridden: number;
  rejected: number;
  cancelled: number;
  moved: number;
  flattened: number;
  resumed: number;
  halts: number;
  refused: number;
};

export const noDeeds = (): Deeds => ({
  ...{
    approved: 0,
    overridden: 0,
    rejected: 0,
    cancelled: 0,
    moved: 0,
    flattened: 0,
    resumed: 0,
    halts: 0,
    refused: 0,
  },
});

export type Trader = {
  /** Answers every proposal: most are approved, some smaller, some as a limit away from the market, some not at all. */
  readonly answer: (proposed: readonly Recommendation[]) => Promise<void>;
  /** Cancels entries that wait too long, moves stops nearer, closes a position now and then, throws the kill switch seldom. */
  readonly tend: () => Promise<void>;
  readonly deeds: Deeds;
};

const REASON: TraderReason = { code: 'other', text: 'the soak goes on' };
/** A limit that is not reached within this long is cancelled. */
const PATIENCE_MS = 2 * MINUTE;

/** A trader at a desk, who does by chance all that a trader does. */
export function soakTrader({ book, execution, pipeline }: Assembly, random: () => number, now: () => number): Trader {
  const deeds = noDeeds();
  /** A refusal of the desk is an answer; everything else is a fault. */
  const attempt = async (deed: Exclude<keyof Deeds, 'refused'>, work: () => unknown): Promise<void> => {
    try {
      await work();
      deeds[deed] += 1;
    } catch (error) {
      if (!(error instanceof DeskError)) throw error;
      deeds.refused += 1;
    }
  };
  const answerOne = ({ id, entry, decision }: Recommendation): Promise<void> => {
    const { contracts, direction } = decision;
    const chance = random();
    if (chance < 0.05) return attempt('rejected', () => pipeline.reject(id, REASON, 'trader'));
    if (chance < 0.15 && contracts > 1)
      return attempt('overridden', () => pipeline.approve({ id, contracts: contracts - 1, reason: REASON }, 'trader'));
    // Below the market for a purchase: it may be reached, or not.
    const limit = chance < 0.3 && entry !== null ? { entry: ticks(entry - direction * 15) } : null;
    const reason = limit === null ? null : REASON;
    return attempt('approved', () => pipeline.approve({ id, contracts, plan: limit, reason }, 'trader'));
  };
  const cancelOld = async (): Promise<void> => {
    const old = book
      .orders()
      .filter(({ role, life, createdAt }) => role === 'entry' && life === 'working' && now() - createdAt > PATIENCE_MS);
    for (const { clientOrderId } of old) await attempt('cancelled', () => execution.cancel(clientOrderId));
  };
  const moveStops = async (): Promise<void> => {
    for (const { clientOrderId, role, life, price, direction } of book.orders()) {
      if (role !== 'stop' || life !== 'working' || price === null || random() > 0.02) continue;
      // Nearer to the market: a stop that sells stands below it.
      const change = { clientOrderId, price: ticks(price - direction * 5), quantity: null };
      await attempt('moved', () => execution.replace(change));
    }
  };
  const closeSome = async (): Promise<void> => {
    for (const { symbol } of book.positions())
      if (random() < 1 / 60) await attempt('flattened', () => execution.flatten(symbol));
  };
  /** What has tripped is armed again and what was halted resumed, so that the time is spent trading. */
  const resume = async (): Promise<void> => {
    for (const { code } of execution.view().latches) execution.guard.rearm(code, REASON.text, 'trader');
    if (pipeline.risk().tradingState === 'active' || execution.resumeBlock() !== null) return;
    // Broker and journal are compared first: a breaker that trips meanwhile refuses it.
    await attempt('resumed', () => pipeline.resume(REASON.text, 'trader'));
  };
  const killSeldom = async (): Promise<void> => {
    if (random() > 1 / 240) return;
    await attempt('halts', () => pipeline.halt(REASON.text, 'trader'));
    if (execution.kill.state().step === 'cancelled') execution.kill.flattenAll(REASON.text, 'trader');
  };
  return {
    deeds,
    answer: async (proposed) => {
      for (const one of proposed) if (one.state === 'proposed') await answerOne(one);
    },
    tend: async () => {
      await resume();
      await cancelOld();
      await moveStops();
      await closeSome();
      await killSeldom();
    },
  };
}
