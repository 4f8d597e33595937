import type { RiskRuleResult } from '#shared/domain/risk.ts';
import { ruleText } from '#shared/wording/index.ts';
import type { EpochMs } from '#shared/units.ts';
import type { OrderGroup } from '#desk/ports/broker.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import { type ExecutionContext, orderOr } from './context.ts';
import type { Orders } from './orders.ts';
import { legs } from './terms.ts';

/** An entry that waits for its turn. */
export type EntryJob = {
  readonly group: OrderGroup;
  /** When its intent was journaled. */
  readonly askedAt: EpochMs;
  /** `Clock.monotonic` when it came here. */
  readonly enteredAt: number;
  /** Every rule, checked at the moment of sending. */
  readonly check: (intentAgeMs: number) => readonly RiskRuleResult[];
};

/**
 * Sends the orders of one account, entries one after the other. What reduces risk has a lane of its own: it leaves at
 * once and never waits for an entry, sent or waiting.
 */
export interface SendQueue {
  /** Sends an entry when its turn comes, or denies it and its children. Resolves when either is done. */
  enter(job: EntryJob): Promise<void>;
  /** Sends an order that reduces risk, at once. */
  reduce(group: OrderGroup): Promise<void>;
  /** Entries that wait for their turn. */
  queued(): number;
  /** Denies what still waits. */
  clear(reason: string): void;
}

/** What was checked of an entry, and why it may not leave now, in words; null when it may. */
type Verdict = { readonly checked: JournalEvent; readonly denial: string | null };

/**
 * Returns the queue of one account. `submit` sends a group as the venue takes it (a bracket, or its entry alone), and
 * journals what was checked in the same write.
 */
export function createSendQueue(
  context: ExecutionContext,
  orders: Orders,
  submit: (group: OrderGroup, checked: readonly JournalEvent[]) => Promise<void>,
): SendQueue {
  const { book, clock, recorder, trading } = context;
  const waiting = new Set<EntryJob>();
  let turn: Promise<void> = Promise.resolve();

  const idsOf = (group: OrderGroup): readonly string[] => legs(group).map((terms) => terms.clientOrderId);

  const verdictOn = ({ group: { entry }, askedAt, enteredAt, check }: EntryJob): Verdict => {
    // A wall clock that was set back must not make an old click young.
    const results = check(Math.max(clock.now() - askedAt, clock.monotonic() - enteredAt));
    const checked: JournalEvent = {
      kind: 'risk-check',
      stage: 'send',
      recommendationId: entry.recommendationId,
      clientOrderId: entry.clientOrderId,
      symbol: entry.symbol,
      contracts: entry.quantity,
      rules: [...results],
    };
    const block = trading.block();
    if (block !== null) return { checked, denial: block };
    const failed = results.find(({ state }) => state === 'fail');
    if (failed === undefined) return { checked, denial: null };
    const { reason } = trading.state();
    const isState = failed.code === 'trading-state' && reason !== null;
    return { checked, denial: isState ? `${ruleText(failed)}: ${reason}` : ruleText(failed) };
  };
  /** Does what lets an entry out. Where that breaks off before it has left, it does not leave. */
  const orDeny = async ({ group }: EntryJob, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (orderOr(book, group.entry.clientOrderId).life === 'created')
        orders.deny(idsOf(group), 'the check before sending could not be made');
      throw error;
    }
  };
  const takeTurn = async (job: EntryJob): Promise<void> => {
    if (!waiting.delete(job)) return;
    context.changed();
    // Cancelled while it waited, whole or in part: an entry never leaves without the exits it was approved with.
    const ids = idsOf(job.group);
    const left = ids.filter((id) => orderOr(book, id).life === 'created');
    if (left.length < ids.length) {
      orders.deny(left, 'a part of it was cancelled while it waited');
      return;
    }
    await orDeny(job, async () => {
      const { checked, denial } = verdictOn(job);
      if (denial === null) return submit(job.group, [checked]);
      recorder.record([checked]);
      orders.deny(ids, denial);
    });
    context.changed();
  };

  return {
    enter: (job) => {
      waiting.add(job);
      // An entry that failed in a way nobody expected must not stop those behind it.
      const mine = turn.then(() => takeTurn(job));
      turn = mine.catch(() => undefined);
      return mine;
    },
    reduce: (group) => orders.submit(group),
    queued: () => waiting.size,
    clear: (reason) => {
      for (const job of waiting) orders.deny(idsOf(job.group), reason);
      waiting.clear();
    },
  };
}
