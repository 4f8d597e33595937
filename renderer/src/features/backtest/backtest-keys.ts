import { comboOf, ownerOf } from '#renderer/src/features/keys/bindings.ts';
import type { BindingId } from '#renderer/src/features/keys/bindings.ts';
import {
  activeJob,
  cancelJob,
  compareWith,
  currentRun,
  deleteRun,
  exportRun,
  moveRun,
  nextKind,
  startBacktest,
  useBacktest,
} from '#renderer/src/store/backtest.ts';
import { armSecondKey, disarmSecondKey, useUi } from '#renderer/src/store/ui.ts';
import { saveFile } from '#renderer/src/ui/save-file.ts';

export const FIRST_FIELD = 'backtest-from';

/** Asks for the second key before a run is deleted; asked again it deletes. */
export function requestDelete(runId: string): void {
  const { pending } = useUi.getState();
  if (pending?.kind !== 'delete-run' || pending.target !== runId) armSecondKey('delete-run', runId);
  else confirmDelete();
}

/** Deletes the run that waits for its second key; false when none does. */
export function confirmDelete(): boolean {
  const { pending } = useUi.getState();
  if (pending?.kind !== 'delete-run' || Date.now() > pending.until) return false;
  disarmSecondKey();
  void deleteRun(pending.target);
  return true;
}

function withRun(action: (runId: string) => void): void {
  const run = currentRun();
  if (run !== null) action(run.runId);
}

/** Cancels the job that runs or waits. */
export function stopActive(): void {
  const job = activeJob(useBacktest.getState().jobs);
  if (job !== null) void cancelJob(job.jobId);
}

function goToSetup(): void {
  useBacktest.setState({ unfolded: 'setup' });
  // A folded part is there with the next frame.
  requestAnimationFrame(() => document.querySelector<HTMLInputElement>(`input[name="${FIRST_FIELD}"]`)?.focus());
}

function move(step: number): void {
  disarmSecondKey();
  moveRun(step);
}

const ACTIONS: Readonly<Partial<Record<BindingId, () => void>>> = {
  'backtest-run': () => void startBacktest(),
  'backtest-kind': nextKind,
  'backtest-stop': stopActive,
  'backtest-setup': goToSetup,
  'backtest-next': () => move(1),
  'backtest-previous': () => move(-1),
  'backtest-compare': () => withRun(compareWith),
  'backtest-export': () => withRun((runId) => void exportRun(runId, 'html', saveFile)),
  'backtest-delete': () => withRun(requestDelete),
};

const MOVES: ReadonlySet<string | undefined> = new Set(['backtest-next', 'backtest-previous']);

/** Handles a key on the Backtest screen; false leaves it to the page. */
export function onBacktestKey(event: KeyboardEvent): boolean {
  if (event.key === 'Enter' && !event.shiftKey) return confirmDelete();
  const owner = ownerOf(comboOf(event), 'backtest');
  const action = owner === null ? undefined : ACTIONS[owner.id];
  if (action === undefined) return false;
  // Held down, a key moves on through the list; it does not start or delete again and again.
  if (!event.repeat || MOVES.has(owner?.id)) action();
  return true;
}
