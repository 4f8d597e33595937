import { join } from 'node:path';
import { contract, isOperation, type Handlers } from '#shared/contract/index.ts';
import { DeskError } from '#shared/contract/errors.ts';
import { createEventStream } from './door/event-stream.ts';
import type { Desk, DeskOptions } from './desk.ts';
import { restoreOver } from './records/backup-handlers.ts';
import { DamagedJournal } from './records/damaged-journal.ts';
import { createRecoveryHandlers } from './records/recovery.ts';

type OpenDesk = (options: DeskOptions) => Promise<Desk>;
type Standing = { readonly desk: Desk } | { readonly damage: DamagedJournal } | { readonly restarting: true };

const restarting = new DeskError({
  code: 'not-ready',
  message: 'the desk is starting again',
  remedy: 'wait a moment',
});

/** Every operation answers with the error, but those that are given. */
function refusing(error: DeskError, own: Partial<Handlers>): Handlers {
  const refuse = (): never => {
    throw error;
  };
  const names = Object.keys(contract).filter(isOperation);
  // One function for each operation of the table, which is what the type says.
  return { ...Object.fromEntries(names.map((name) => [name, refuse])), ...own } as Handlers;
}

/** Opens the desk, or stands where it would be when its journal is damaged. */
async function stand(open: OpenDesk, options: DeskOptions): Promise<Standing> {
  try {
    return { desk: await open(options) };
  } catch (error) {
    if (!(error instanceof DamagedJournal)) throw error;
    options.logger?.error({ event: 'journal-damaged', detail: error.message });
    return { damage: error };
  }
}

/**
 * Opens a desk that comes up under a damaged journal or settings file as well: then it serves what restores them from
 * backups, and the desk itself as soon as that is done. Nothing is overwritten: what was there is kept.
 * Throws what opening a desk throws for anything else.
 */
export async function openRecoverableDesk(open: OpenDesk, given: DeskOptions): Promise<Desk> {
  const stream = given.stream ?? createEventStream();
  const options = { ...given, stream };
  const folder = join(options.dataFolder, 'profiles', options.profile);
  let standing = await stand(open, options);
  const waiting: (() => void)[] = [];

  const reopen = async (): Promise<void> => {
    const before = standing;
    standing = { restarting: true };
    if ('desk' in before) await before.desk.close();
    standing = await stand(open, options);
    if ('desk' in standing) for (const resolve of waiting.splice(0)) resolve();
  };
  const recovery = createRecoveryHandlers({
    folder,
    journalError: () => ('damage' in standing ? standing.damage.openError : null),
    settingsProblem: () => ('desk' in standing ? standing.desk.settingsProblem() : null),
    reopen,
  });
  /** Closes the desk that stands, does the work, and opens it again whatever came of it. */
  const whileClosed = async <T>(work: () => Promise<T>): Promise<T> => {
    const before = standing;
    standing = { restarting: true };
    if ('desk' in before) await before.desk.close();
    try {
      return await work();
    } finally {
      await reopen();
    }
  };
  const restore: Handlers['backups.restore'] = async ({ name }) => {
    if (!('desk' in standing)) throw restarting;
    const snapshot = await standing.desk.handlers['desk.snapshot']({});
    const { journalPath } = standing.desk.identity();
    return restoreOver({ name, journalPath, snapshot, whileClosed });
  };
  const handlers = (): Handlers => {
    if ('desk' in standing) return { ...standing.desk.handlers, ...recovery, 'backups.restore': restore };
    return 'damage' in standing ? refusing(standing.damage, recovery) : refusing(restarting, {});
  };
  return {
    get handlers() {
      return handlers();
    },
    stream,
    identity: () => {
      if ('desk' in standing) return standing.desk.identity();
      throw 'damage' in standing ? standing.damage : restarting;
    },
    settingsProblem: () => ('desk' in standing ? standing.desk.settingsProblem() : null),
    damage: () => ('damage' in standing ? standing.damage.message : null),
    ready: async () => {
      if (!('desk' in standing)) await new Promise<void>((resolve) => void waiting.push(resolve));
      if ('desk' in standing) await standing.desk.ready();
    },
    close: async () => {
      if ('desk' in standing) await standing.desk.close();
    },
  };
}
