import { create } from 'zustand';
import { deskClient } from '#renderer/src/api/client.ts';
import type { RecoveryState } from '#shared/contract/recovery-operations.ts';
import { failureText, run } from './actions.ts';

type RecoveryView = {
  /** What the desk says can be restored; null before its first answer. */
  readonly state: RecoveryState | null;
  readonly loadError: string | null;
  /** What was done, in words, until the desk is open again. */
  readonly done: string | null;
};

const EMPTY: RecoveryView = { state: null, loadError: null, done: null };
export const useRecovery = create<RecoveryView>()(() => EMPTY);

/** The desk has opened: what was done is no longer what is waited for. */
export const forgetRecovery = (): void => useRecovery.setState({ done: null });

/** What a restore is under way for, so that it is asked for once. */
export const recoveryTarget = (name: string): string => `recovery:${name}`;

/** Asks what is damaged and what there is to restore from: every copy is checked before it is shown. */
export async function loadRecovery(): Promise<void> {
  try {
    useRecovery.setState({ state: await deskClient().call('recovery.state', {}), loadError: null });
  } catch (cause) {
    useRecovery.setState({ loadError: failureText(cause) });
  }
}

const keptText = (kept: string | null): string => (kept === null ? '' : ` What was there is kept as ${kept}.`);

/** Puts a copy of the journal in place; the desk opens with it. */
export const restoreJournal = (name: string): Promise<boolean> =>
  run(
    recoveryTarget(name),
    () => deskClient().call('recovery.restoreJournal', { name }),
    ({ kept }) => useRecovery.setState({ done: `The journal was restored from ${name}.${keptText(kept)}` }),
  );

/** Puts an earlier settings file in place; the desk starts again with it. */
export const restoreSettings = (name: string): Promise<boolean> =>
  run(
    recoveryTarget(name),
    () => deskClient().call('recovery.restoreSettings', { name }),
    ({ kept }) => useRecovery.setState({ done: `The settings of ${name} are in force.${keptText(kept)}` }),
  );
