import type { Instrument } from '#shared/domain/instrument.ts';
import type { JournalEvent } from './ports/events.ts';
import type { Journal } from './ports/journal.ts';
import { recommendationOf } from './recommendations.ts';
import { shadowOf, type Shadows } from './shadows.ts';

/** Newest decisions looked through for what was still open when the desk stopped. */
const LOOKED_THROUGH = 600;

/** Goes on following the planned trades that had no outcome yet. */
export function restoreShadows(journal: Journal, shadows: Shadows, instruments: ReadonlyMap<string, Instrument>): void {
  const resolved = new Set<string>();
  for (const { event } of journal.events({ kinds: ['outcome'] })) resolved.add(event.recommendationId);
  const recent = journal.decisions({ limit: LOOKED_THROUGH, offset: 0 });
  for (const { decision } of [...recent].reverse()) {
    const shadow = shadowOf(recommendationOf(decision, null));
    if (shadow !== null && !resolved.has(shadow.recommendationId) && instruments.has(shadow.symbol))
      shadows.follow(shadow);
  }
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
