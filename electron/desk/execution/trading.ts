import type { Actor } from '#shared/domain/recommendation.ts';
import type { TradingState } from '#shared/domain/sizing.ts';
import type { Ledger } from '#desk/account/ledger.ts';
import type { WatchKeeper } from '#desk/account/watch-keeper.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { Recorder } from '#desk/records/recorder.ts';

const RANK: Readonly<Record<TradingState, number>> = { active: 0, reducing: 1, halted: 2 };

/** Whether entries may leave: what was journaled, and blocks of the desk itself on top of it. */
export interface Trading {
  /** The state in force, a block of the desk included. */
  state(): ReturnType<Ledger['state']>;
  /** Set while entries are blocked for a reason of the desk itself; not journaled. */
  block(): string | null;
  /** The journaled state alone. */
  journaled(): TradingState;
  set(state: TradingState, reason: string, actor: Actor): void;
  /** Makes the state more careful, never less. */
  tighten(state: 'reducing' | 'halted', reason: string): void;
}

export type TradingParts = {
  readonly ledger: Ledger;
  readonly recorder: Recorder;
  readonly watch: WatchKeeper;
  readonly clock: Clock;
  readonly entryBlock: () => string | null;
  /** True while the block is that nothing can be journaled: then the desk is halted, not only reducing. */
  readonly isHalting?: (() => boolean) | undefined;
  readonly onChange: () => void;
};

/** Returns the trading state of a desk over its ledger. */
export function createTrading(parts: TradingParts): Trading {
  const { ledger, recorder, watch, clock, entryBlock, onChange } = parts;
  const set: Trading['set'] = (state, reason, actor) => {
    const [stored] = recorder.record([{ kind: 'trading-state', state, reason, actor }]);
    ledger.setState(state, reason, clock.now(), actor);
    if (state === 'active' && stored !== undefined) {
      ledger.noteResume(stored.seq);
      watch.acknowledge();
    }
    onChange();
  };
  return {
    state: () => {
      const block = entryBlock();
      const state = ledger.state();
      if (block === null || state.state === 'halted') return state;
      if (parts.isHalting?.() === true) return { state: 'halted', reason: block, since: null };
      return state.state === 'active' ? { state: 'reducing', reason: block, since: null } : state;
    },
    block: entryBlock,
    journaled: () => ledger.state().state,
    set,
    tighten: (state, reason) => {
      if (RANK[state] > RANK[ledger.state().state]) set(state, reason, 'desk');
    },
  };
}
