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
