import { create } from 'zustand';
import { useShallow } from 'zustand/shallow';
import { deskClient } from '#renderer/src/api/client.ts';
import type { OutputOf } from '#shared/contract/index.ts';
import type { Assumptions } from '#shared/contract/views.ts';
import type { PlanChange, Recommendation } from '#shared/domain/recommendation.ts';
import { failureText } from './actions.ts';

export type Preview = OutputOf<'recommendation.preview'>;
export type PlanKind = keyof PlanChange;

/** What the trader tries on one recommendation: lines moved (part of the order) and assumptions (never part of it). */
export type PlanDraft = {
  readonly id: string | null;
  readonly change: PlanChange;
  readonly assume: Assumptions;
  /** The desk's answer to the moved lines; null while they are as recommended, or the answer is on its way. */
  readonly moved: Preview | null;
  /** The desk's answer to lines and assumptions together. */
  readonly whatIf: Preview | null;
  /** Why the desk gives no size, in its words. */
  readonly failure: string | null;
  readonly isDrawerOpen: boolean;
  /** Counts what was forgotten: fields that hold typed text start anew with it. */
  readonly generation: number;
};

const NOTHING = { id: null, change: {}, assume: {}, moved: null, whatIf: null, failure: null } as const;

export const usePlanDraft = create<PlanDraft>()(() => ({ ...NOTHING, isDrawerOpen: false, generation: 0 }));

const isEmpty = (record: object): boolean => Object.keys(record).length === 0;

let asked = 0;
let isAsking = false;

/** Asks the desk for the newest draft. One question at a time: a line that is dragged asks as fast as it is answered. */
async function ask(): Promise<void> {
  if (isAsking) return;
  isAsking = true;
  for (let turn = -1; turn !== asked;) {
    turn = asked;
    const { id, change, assume } = usePlanDraft.getState();
    if (id === null || (isEmpty(change) && isEmpty(assume))) continue;
    const plan = isEmpty(change) ? {} : { plan: change };
    try {
      const moved = isEmpty(change) ? null : await deskClient().call('recommendation.preview', { id, ...plan });
      const whatIf = isEmpty(assume)
        ? moved
        : await deskClient().call('recommendation.preview', { id, ...plan, assume });
      if (usePlanDraft.getState().id === id && turn === asked) usePlanDraft.setState({ moved, whatIf, failure: null });
    } catch (cause) {
      if (usePlanDraft.getState().id === id)
        usePlanDraft.setState({ moved: null, whatIf: null, failure: failureText(cause) });
    }
  }
  isAsking = false;
}

function change(id: string, next: Partial<Pick<PlanDraft, 'change' | 'assume'>>): void {
  const state = usePlanDraft.getState();
  const held = state.id === id ? state : { ...state, ...NOTHING };
  const draft = { change: next.change ?? held.change, assume: next.assume ?? held.assume };
  if (isEmpty(draft.change) && isEmpty(draft.assume)) {
    usePlanDraft.setState(NOTHING);
    return;
  }
  usePlanDraft.setState({
    ...draft,
    id,
    moved: isEmpty(draft.change) ? null : held.moved,
    whatIf: held.whatIf,
    failure: held.failure,
  });
  asked += 1;
  void ask();
}

const without = <T extends object>(record: T, key: keyof T): T =>
  Object.fromEntries(Object.entries(record).filter(([other]) => other !== key)) as T;

/** Puts a line at a price; where the recommendation has it, it is no change. */
export function moveLine(recommendation: Recommendation, kind: PlanKind, price: number): void {
  const { id, change: before } = usePlanDraft.getState();
  const held = id === recommendation.id ? before : {};
  const isBack = kind !== 'entry' && price === recommendation[kind];
  change(recommendation.id, { change: isBack ? without(held, kind) : { ...held, [kind]: price } });
}

/** Lets the entry follow the market again, or puts a line back where the recommendation has it. */
export function resetLine(id: string, kind: PlanKind): void {
  change(id, { change: without(usePlanDraft.getState().change, kind) });
}

/** All lines back as recommended. */
export const resetLines = (id: string): void => change(id, { change: {} });

/** Assumes a value in the what-if; null takes it back. */
export function assume(id: string, key: keyof Assumptions, value: number | null): void {
  const state = usePlanDraft.getState();
  const held = state.id === id ? state.assume : {};
  change(id, { assume: value === null ? without(held, key) : { ...held, [key]: value } });
}

/** Forgets lines and assumptions. */
export const clearPlanDraft = (): void =>
  usePlanDraft.setState(({ generation }) => ({ ...NOTHING, generation: generation + 1 }));

export const toggleWhatIf = (): void => usePlanDraft.setState((state) => ({ isDrawerOpen: !state.isDrawerOpen }));
export const closeWhatIf = (): void => usePlanDraft.setState({ isDrawerOpen: false });

const withPreview = (
  recommendation: Recommendation,
  draft: Pick<PlanDraft, 'id' | 'moved' | 'change'>,
): Recommendation =>
  draft.id !== recommendation.id || isEmpty(draft.change)
    ? recommendation
    : {
        ...recommendation,
        ...(draft.moved === null ? {} : { decision: draft.moved.decision }),
        entry: draft.change.entry ?? recommendation.entry,
        stop: draft.change.stop ?? recommendation.stop,
        target: draft.change.target ?? recommendation.target,
      };

/** The recommendation with the lines the trader moved, and the desk's size for them. */
export const shownNow = (recommendation: Recommendation): Recommendation =>
  withPreview(recommendation, usePlanDraft.getState());

/** The same, for a view. */
export function useShown<R extends Recommendation | null>(recommendation: R): R {
  const draft = usePlanDraft(useShallow((s) => ({ id: s.id, moved: s.moved, change: s.change })));
  return (recommendation === null ? null : withPreview(recommendation, draft)) as R;
}

/** The lines moved on this recommendation, as the approval takes them; null when none is. */
export function movedPlan(id: string): PlanChange | null {
  const { id: held, change: lines } = usePlanDraft.getState();
  return held === id && !isEmpty(lines) ? lines : null;
}

/** True while a line of this recommendation is moved. */
export const useIsMoved = (id: string): boolean => usePlanDraft((s) => s.id === id && !isEmpty(s.change));
