import type { Publish } from '#shared/contract/index.ts';
import { DeskError } from '#shared/contract/errors.ts';
import type { Actor, Recommendation, RecommendationState, TraderReason } from '#shared/domain/recommendation.ts';
import type { Rival, SizingSnapshot } from '#shared/domain/sizing.ts';
import { epochMs, type Money } from '#shared/units.ts';
import { planPrices } from '#desk/engine/plan.ts';
import { configVersion } from '#desk/engine/config.ts';
import type { Clock, Ids } from '#desk/ports/clock.ts';
import type { JournalEvent, JournalEventOf, StoredEvent } from '#desk/ports/events.ts';
import type { Journal } from '#desk/ports/journal.ts';
import type { Recorder } from '#desk/records/recorder.ts';
import type { SizedSignal } from './signals.ts';

/** Bumped whenever a decision may come out otherwise for the same snapshot. */
export const ENGINE_VERSION = '1';

type StoredDecision = StoredEvent<JournalEventOf<'decision'>>;
type StoredStatus = StoredEvent<JournalEventOf<'recommendation'>>;

/** Returns a recommendation as its journaled decision and its last status tell it. */
export function recommendationOf(decision: StoredDecision, status: StoredStatus | null): Recommendation {
  const { event } = decision;
  return {
    id: event.recommendationId,
    symbol: event.snapshot.instrument.symbol,
    root: event.snapshot.instrument.root,
    state: status?.event.state ?? 'proposed',
    createdAt: epochMs(decision.at),
    expiresAt: event.expiresAt,
    decision: event.decision,
    opinions: event.snapshot.opinions,
    entry: status?.event.plan?.entry ?? event.entry,
    stop: status?.event.plan?.stop ?? event.stop,
    target: status?.event.plan?.target ?? event.target,
    approvedContracts: status?.event.contracts ?? null,
    reason: status?.event.reason ?? null,
    actor: status?.event.actor ?? null,
    closedAt: status === null ? null : epochMs(status.at),
  };
}

export type Verdict = {
  readonly state: Exclude<RecommendationState, 'proposed'>;
  readonly actor: Actor;
  readonly contracts: number | null;
  readonly reason: TraderReason | null;
  readonly allowedContracts: number | null;
  /** The plan as the trader moved it. */
  readonly plan?: NonNullable<StoredStatus['event']['plan']>;
};

/** The recommendations that are open, and the newest of each symbol. */
export interface Recommendations {
  /** Journals decisions that came together and opens those with a size; earlier ones of the same symbols are superseded. */
  propose(sized: readonly SizedSignal[]): readonly Recommendation[];
  /** Journals how a proposal ended together with `also` (the intents), in one transaction. */
  close(id: string, verdict: Verdict, also?: readonly JournalEvent[]): Recommendation;
  /** The recommendation as it stands. Throws 'not-found'. */
  get(id: string): Recommendation;
  snapshotOf(id: string): SizingSnapshot;
  symbolOf(id: string): string | null;
  standing(): readonly Rival[];
  current(): readonly Recommendation[];
  expire(id: string): void;
  stop(): void;
}

export type RecommendationParts = {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly publish: Publish;
  readonly recorder: () => Recorder;
  /** Initial margin per contract; null when the broker does not say. */
  readonly marginOf: (symbol: string) => Money | null;
};

const decisionEvent = (id: string, { snapshot, decision }: SizedSignal): JournalEventOf<'decision'> => {
  const prices =
    snapshot.plan === null || decision.direction === 0 ? null : planPrices(snapshot.plan, decision.direction);
  return {
    kind: 'decision',
    recommendationId: id,
    snapshot,
    decision,
    entry: prices?.entry ?? null,
    stop: prices?.stop ?? null,
    target: prices?.target ?? null,
    expiresAt: epochMs(snapshot.now + snapshot.config.expiryMs),
    engineVersion: ENGINE_VERSION,
    configVersion: configVersion(snapshot.config),
  };
};

const ended = (id: string, state: 'superseded' | 'expired' | 'blocked'): JournalEvent => ({
  kind: 'recommendation',
  recommendationId: id,
  state,
  actor: 'desk',
  contracts: null,
  reason: null,
  allowedContracts: null,
});

/** Symbols of this many newest recommendations are held in memory. */
const SYMBOLS_REMEMBERED = 2_000;

/** Returns the store of recommendations over a journal. */
export function createRecommendations({
  journal,
  clock,
  ids,
  publish,
  recorder,
  marginOf,
}: RecommendationParts): Recommendations {
  const open = new Map<string, Recommendation>();
  const newest = new Map<string, Recommendation>();
  const symbols = new Map<string, string>();
  const timers = new Map<string, () => void>();
  /** What those that are open were sized on: a click looks at it again. */
  const snapshots = new Map<string, SizingSnapshot>();

  const stopTimer = (id: string): void => {
    timers.get(id)?.();
    timers.delete(id);
  };
  const leave = (id: string): void => {
    stopTimer(id);
    open.delete(id);
    snapshots.delete(id);
  };
  const settle = (recommendation: Recommendation): Recommendation => {
    leave(recommendation.id);
    if (newest.get(recommendation.symbol)?.id === recommendation.id) newest.set(recommendation.symbol, recommendation);
    publish('recommendation.changed', recommendation);
    return recommendation;
  };
  const stored = (id: string): ReturnType<Journal['decision']> => journal.decision(id);
  const get = (id: string): Recommendation => {
    const live = open.get(id) ?? [...newest.values()].find((r) => r.id === id);
    if (live !== undefined) return live;
    const found = stored(id);
    if (found === null) {
      throw new DeskError({ code: 'not-found', message: `there is no recommendation ${id}`, field: 'id', value: id });
    }
    return recommendationOf(found.decision, found.status);
  };
  const close: Recommendations['close'] = (id, verdict, also = []) => {
    const before = get(id);
    recorder().record([{ kind: 'recommendation', recommendationId: id, ...verdict }, ...also]);
    return settle({
      ...before,
      ...verdict.plan,
      state: verdict.state,
      actor: verdict.actor,
      reason: verdict.reason,
      approvedContracts: verdict.contracts,
      closedAt: clock.now(),
    });
  };
  const expire = (id: string): void => {
    const one = open.get(id);
    if (one === undefined) return;
    const closedAt = clock.now();
    // What was proposed together expires together, in one transaction.
    const due = [one, ...[...open.values()].filter((other) => other.id !== id && other.expiresAt <= closedAt)];
    recorder().record(
      due.map((each) => ended(each.id, 'expired')),
      'soon',
    );
    for (const each of due) settle({ ...each, state: 'expired', actor: 'desk', reason: null, closedAt });
  };

  return {
    propose: (sized) => {
      const events: JournalEvent[] = [];
      const replaced: Recommendation[] = [];
      const decisions = sized.map((one) => decisionEvent(ids.next(), one));
      for (const decision of decisions) {
        const symbol = decision.snapshot.instrument.symbol;
        symbols.set(decision.recommendationId, symbol);
        // A memory of the newest: older ones are asked of the journal.
        const [oldest] = symbols.keys();
        if (symbols.size > SYMBOLS_REMEMBERED && oldest !== undefined) symbols.delete(oldest);
        for (const earlier of open.values()) {
          if (earlier.symbol !== symbol) continue;
          replaced.push(earlier);
          events.push(ended(earlier.id, 'superseded'));
        }
        events.push(decision);
        if (decision.decision.contracts === 0) events.push(ended(decision.recommendationId, 'blocked'));
      }
      // Nobody acts on a proposal before an approval, which is on disk with all that came before it.
      const written = recorder().record(events, 'soon');
      const at = epochMs(written[0]?.at ?? clock.now());
      // Told by what takes its place: a row that closed and opened again would leave its place for a moment.
      for (const { id } of replaced) leave(id);
      return decisions.map((event) => {
        const isOpen = event.decision.contracts > 0;
        const recommendation: Recommendation = {
          ...recommendationOf({ seq: 0, at, event, hash: '' }, null),
          ...(isOpen ? {} : { state: 'blocked' as const, actor: 'desk' as const, closedAt: at }),
        };
        newest.set(recommendation.symbol, recommendation);
        if (isOpen) {
          open.set(recommendation.id, recommendation);
          snapshots.set(recommendation.id, event.snapshot);
          const left = recommendation.expiresAt - clock.now();
          timers.set(
            recommendation.id,
            clock.after(left, () => expire(recommendation.id)),
          );
        }
        publish('recommendation.changed', recommendation);
        return recommendation;
      });
    },
    close,
    get,
    snapshotOf: (id) => {
      const held = snapshots.get(id);
      if (held !== undefined) return held;
      const found = stored(id);
      if (found === null) {
        throw new DeskError({ code: 'not-found', message: `there is no recommendation ${id}`, field: 'id', value: id });
      }
      return found.decision.event.snapshot;
    },
    symbolOf: (id) => symbols.get(id) ?? journal.decisionSymbol(id),
    standing: () =>
      [...open.values()].flatMap((r) =>
        r.decision.direction === 0 || r.decision.riskPerContract === null
          ? []
          : [
              {
                symbol: r.symbol,
                root: r.root,
                direction: r.decision.direction,
                contracts: r.decision.contracts,
                riskPerContract: r.decision.riskPerContract,
                marginPerContract: marginOf(r.symbol),
              },
            ],
      ),
    current: () => [...new Map([...newest.values(), ...open.values()].map((r) => [r.id, r])).values()],
    expire,
    stop: () => {
      for (const id of [...timers.keys()]) stopTimer(id);
    },
  };
}
