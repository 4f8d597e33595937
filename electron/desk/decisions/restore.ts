import type { SizingConfig } from '#shared/domain/sizing.ts';
import { configVersion } from '#desk/engine/config.ts';
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
  const unresolved: Shadow[] = [];
  for (let offset = 0; ; offset += LOOKED_THROUGH) {
    const page = journal
      .decisionsUnresolved({ limit: LOOKED_THROUGH, offset })
      .map((decision) => shadowOf(recommendationOf(decision, null), decision.event.snapshot.plan))
      .filter((shadow) => shadow !== null)
      .filter(({ symbol }) => instruments.has(symbol));
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

/** The sizing configuration as an event, when it is not the one the journal saw last. */
export function configChange(journal: Journal, config: SizingConfig): readonly JournalEvent[] {
  let last: string | null = null;
  for (const { event } of journal.events({ kinds: ['config'] })) last = configVersion(event.config);
  return last === configVersion(config) ? [] : [{ kind: 'config', config, actor: 'desk' }];
}

/** Proposals that were open when the desk stopped: they can no longer be approved. */
export function expiredByRestart(journal: Journal): readonly JournalEvent[] {
  return journal
    .decisionPage({ filter: { state: 'proposed' }, limit: LOOKED_THROUGH, offset: 0 })
    .rows.filter(({ status }) => status === null)
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
