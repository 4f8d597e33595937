import { create } from 'zustand';
import type { BackupsView } from '#shared/contract/backup-operations.ts';
import type { PayloadOf } from '#shared/contract/index.ts';
import type { RecoveryCopy } from '#shared/contract/recovery-operations.ts';
import { deskClient } from '#renderer/src/api/client.ts';
import { failureText, run } from './actions.ts';
import { createReading } from './reading.ts';
import { toast } from './ui.ts';

/** The backups of the journal; they outlive the screen. */
export const backupsReading = createReading<'backups', BackupsView>(() => deskClient().call('backups.list', {}));

/** What a check of one file said, while it is under way, or why it could not be made. */
export type Check =
  | { readonly kind: 'checking' }
  | { readonly kind: 'checked'; readonly copy: RecoveryCopy; readonly at: number }
  | { readonly kind: 'failed'; readonly message: string };

type BackupState = {
  readonly progress: PayloadOf<'backups.progress'> | null;
  readonly checks: Readonly<Record<string, Check>>;
  /** What was put in place, in words, until the page is there anew. */
  readonly restored: string | null;
};
export const useBackups = create<BackupState>()(() => ({ progress: null, checks: {}, restored: null }));

const note = (name: string, check: Check): void =>
  useBackups.setState(({ checks }) => ({ checks: { ...checks, [name]: check } }));

export const noteBackupProgress = (progress: PayloadOf<'backups.progress'>): void => useBackups.setState({ progress });

/** Puts a file through a restore drill. */
export async function checkBackup(name: string): Promise<void> {
  if (useBackups.getState().checks[name]?.kind === 'checking') return;
  note(name, { kind: 'checking' });
  try {
    const copy = await deskClient().call('backups.check', { name });
    note(name, { kind: 'checked', copy, at: Date.now() });
  } catch (cause) {
    note(name, { kind: 'failed', message: failureText(cause) });
  }
}

/** Makes a backup now. */
export const backUpNow = (): Promise<boolean> =>
  run(
    'backup',
    async () => {
      useBackups.setState({ progress: null });
      try {
        return await deskClient().call('backups.create', {});
      } finally {
        useBackups.setState({ progress: null });
      }
    },
    ({ name }) => {
      backupsReading.refresh();
      void checkBackup(name);
      toast('info', `Backed up and checked: ${name}.`);
    },
  );

/** Puts a backup in the place of the journal. The page is loaded anew: nothing it holds is true any more. */
export const restoreBackup = (name: string): Promise<boolean> =>
  run(
    `restore:${name}`,
    () => deskClient().call('backups.restore', { name }),
    ({ kept }) => {
      const words = kept === null ? '' : ` What was there is kept as ${kept}.`;
      useBackups.setState({ restored: `The journal was restored from ${name}.${words}` });
    },
  );
