import { DeskError } from '#shared/contract/errors.ts';
import type { Handlers } from '#shared/contract/index.ts';
import { epochMs } from '#shared/units.ts';
import type { BackupOperation } from '#desk/records/backup-handlers.ts';

const AT = epochMs(1_756_000_000_000);

/** Backups of a desk in memory: one that is sound, and it is not restored. */
export function backupOperations(): Pick<Handlers, BackupOperation> {
  const name = 'journal-2025-08-24.db';
  return {
    'backups.list': () => ({
      ...{ folder: '/tmp/backups', settings: [], problem: null },
      backups: [{ name, kind: 'backup', at: AT, bytes: 1_048_576 }],
    }),
    'backups.check': () => ({
      ...{ name, kind: 'backup', lastAt: AT, events: 100, decisions: 40, trades: 20, fault: null, lostEvents: 3 },
    }),
    'backups.create': () => ({ name }),
    'backups.restore': () => {
      throw new DeskError({ code: 'refused', message: 'this desk is in memory', remedy: 'open a real one' });
    },
  };
}
