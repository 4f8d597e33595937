import type { DecisionStatus } from '#shared/domain/decision.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import { breakerEffect } from '#desk/engine/breakers.ts';
import { blockOf } from '#desk/engine/gates.ts';

/** The gate that keeps every account from a signal: what blocks it with nothing held, and the breakers of the models. */
export function gateOf(snapshot: SizingSnapshot): DecisionStatus | null {
  const { held, guards, watch } = snapshot;
  const nothing = { position: null, working: 0, inDoubt: 0 };
  const empty: SizingSnapshot = { ...snapshot, exposures: [], ...(held === undefined ? {} : { held: nothing }) };
  const block = blockOf(empty);
  if (block !== null) return block.code;
  const { halt } = breakerEffect({
    ...empty,
    watch: { ...watch, dayLoss: 0, drawdown: 0 },
    ...(guards === undefined
      ? {}
      : {
          guards: { ...guards, consecutiveLosses: 0, latches: guards.latches.filter(({ code }) => code === 'drift') },
        }),
  });
  return halt?.code ?? null;
}

/** Gives of equal values one and the same. */
export type Intern = <T extends object>(value: T) => T;

/** Keeps one of each of equal values: configurations, contracts and correlations repeat for thousands of decisions. */
export function createIntern(): Intern {
  const known = new Map<string, object>();
  return <T extends object>(value: T): T => {
    const key = JSON.stringify(value);
    const same = known.get(key);
    if (same !== undefined) return same as T;
    known.set(key, value);
    return value;
  };
}

/** The same for values of which each stands in many places: whether it is known is asked once. */
export function createShared(intern = createIntern()): Intern {
  const known = new Map<object, object>();
  return <T extends object>(value: T): T => {
    let same = known.get(value) as T | undefined;
    if (same === undefined) known.set(value, (same = intern(value)));
    return same;
  };
}

/** A snapshot that shares its parts with those of other threads. */
export function sharing(snapshot: SizingSnapshot, shared: Intern): SizingSnapshot {
  const { config, instrument, correlations } = snapshot;
  const same = { config: shared(config), instrument: shared(instrument), correlations: shared(correlations) };
  const isShared = same.config === config && same.instrument === instrument && same.correlations === correlations;
  return isShared ? snapshot : { ...snapshot, ...same };
}

const NO_CALIBRATOR: SizingSnapshot['calibrator'] = { kind: 'none', version: '' };
const NO_OPINIONS: SizingSnapshot['opinions'] = { lstm: null, ensemble: null };
const NOTHING_HELD: SizingSnapshot['exposures'] = [];
const NO_RIVALS: SizingSnapshot['rivals'] = [];

/** A snapshot as a tape keeps it: without the opinions, the quote and the calibrator, equal parts shared. */
export const compact = (snapshot: SizingSnapshot, intern: Intern): SizingSnapshot => ({
  ...snapshot,
  config: intern(snapshot.config),
  instrument: intern(snapshot.instrument),
  correlations: intern(snapshot.correlations),
  calibrator: NO_CALIBRATOR,
  opinions: NO_OPINIONS,
  quote: null,
  exposures: snapshot.exposures.length === 0 ? NOTHING_HELD : snapshot.exposures,
  rivals: snapshot.rivals.length === 0 ? NO_RIVALS : snapshot.rivals,
});
