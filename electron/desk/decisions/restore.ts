import type { SizingConfig } from '#shared/domain/sizing.ts';
import { configVersion } from '#desk/engine/config.ts';
import { isTerminal } from '#shared/domain/order-life.ts';
import type { Order, OrderEvent } from '#shared/domain/order.ts';
import type { EpochMs } from '#shared/units.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import { journalEventSchema, type JournalEvent } from '#desk/ports/events.ts';
import type { Journal } from '#desk/ports/journal.ts';
import { recommendationOf } from './recommendations.ts';
import { shadowOf, type Shadow, type Shadows } from './shadows.ts';

/** Decisions looked through at a time, newest first, for what was still open when the desk stopped. */
const LOOKED_THROUGH = 600;

/** Goes on following the planned trades that had no outcome yet. */
export function restoreShadows(journal: Journal, shadows: Shadows, instruments: ReadonlyMap<string, Instrument>): void {
  const resolved = new Set<string>();
  for (const { event } of journal.events({ kinds: ['outcome'] })) resolved.add(event.recommendationId);
  const unresolved: Shadow[] = [];
  for (let offset = 0; ; offset += LOOKED_THROUGH) {
    const page = journal
      .decisions({ limit: LOOKED_THROUGH, offset })
      .map(({ decision }) => shadowOf(recommendationOf(decision, null)))
      .filter((shadow) => shadow !== null)
      .filter((shadow) => !resolved.has(shadow.recommendationId) && instruments.has(shadow.symbol));
    // They resolve roughly in the order they began: behind a page without one nothing is open.
    if (page.length === 0) break;
    unresolved.push(...page);
  }
  for (const shadow of unresolved.reverse()) shadows.follow(shadow);
}

/** Time of the newest event; null for an empty journal. */
export function lastEventTime(journal: Journal): EpochMs | null {
  const kinds = journalEventSchema.options.map((option) => option.shape.kind.value);
  for (const { at } of journal.events({ kinds, after: journal.lastSeq() - 1 })) return at;
  return null;
}

const NEVER_ARRIVED = 'the desk stopped before it reached the broker';
const hasArrived = (order: Order): boolean => order.venueOrderId !== null || order.filled > 0;

/** What the venue did to one protective order, whose family it keeps in step with what the entry has filled. */
function exitEvents(order: Order, journal: Journal, newVenueId: () => string): readonly OrderEvent[] {
  const parent = order.parentId === null ? null : journal.order(order.parentId);
  if (parent === null || !hasArrived(parent)) return [{ kind: 'rejected', reason: NEVER_ARRIVED }];
  const venueOrderId = order.venueOrderId ?? newVenueId();
  const arrival: readonly OrderEvent[] = hasArrived(order) ? [] : [{ kind: 'acknowledged', venueOrderId }];
  if (parent.filled === 0 && !isTerminal(parent)) return arrival;
  const family = [`${parent.clientOrderId}S`, `${parent.clientOrderId}T`].map((id) => journal.order(id)?.filled ?? 0);
  const held = parent.filled - family.reduce((sum, filled) => sum + filled, 0);
  if (held <= 0) return [{ kind: 'canceled', reason: 'what it protected is closed' }];
  const quantity = order.filled + held;
  return [
    ...arrival,
    ...(order.quantity === quantity ? [] : [{ kind: 'resized' as const, quantity }]),
    ...(order.life === 'working' ? [] : [{ kind: 'working' as const, venueOrderId }]),
  ];
}

/**
 * Finishes what a crash cut short at the paper broker, which lives in this process and takes a group whole or not at
 * all: an order it never confirmed never arrived, unless its entry did; a protective order works for what its entry
 * has filled and its family has not closed, no more and no less.
 */
export function paperAftermath(journal: Journal, newVenueId: () => string): readonly JournalEvent[] {
  return journal.orders({ openOnly: true }).flatMap((order) => {
    const isExit = order.role === 'stop' || order.role === 'target';
    const events: readonly OrderEvent[] = isExit
      ? exitEvents(order, journal, newVenueId)
      : hasArrived(order)
        ? []
        : [{ kind: 'rejected', reason: NEVER_ARRIVED }];
    return events.map((event) => ({ kind: 'order' as const, clientOrderId: order.clientOrderId, event }));
  });
}

/** The sizing configuration as an event, when it is not the one the journal saw last. */
export function configChange(journal: Journal, config: SizingConfig): readonly JournalEvent[] {
  let last: string | null = null;
  for (const { event } of journal.events({ kinds: ['config'] })) last = configVersion(event.config);
  return last === configVersion(config) ? [] : [{ kind: 'config', config, actor: 'desk' }];
}

/** Proposals that were open when the desk stopped: they can no longer be approved. */
export function expiredByRestart(journal: Journal): readonly JournalEvent[] {
  return journal
    .decisions({ limit: LOOKED_THROUGH, offset: 0 })
    .filter(({ status }) => status === null)
    .map(({ decision }) => ({
      kind: 'recommendation',
      recommendationId: decision.event.recommendationId,
      state: 'expired',
      actor: 'desk',
      contracts: null,
      reason: null,
      allowedContracts: null,
    }));
}
