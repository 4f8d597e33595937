import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { App, BrowserWindow, Dialog } from 'electron';
import type { Logger } from 'pino';
import { DeskError } from '#shared/contract/errors.ts';
import { countedText } from '#shared/wording/names.ts';
import { importArchive } from '#desk/desk.ts';

/** How the archive of a journal is called; the packages tell the system that such a file is ours to open. */
const ENDING = '.kellyjournal';

/**
 * The archive a start was given, by a double click on one; null where there is none. Desktops pass a path or a file://
 * address; nothing else of the arguments is looked at.
 */
export function archiveOf(argv: readonly string[], folder: string): string | null {
  const given = argv.slice(1).find((word) => word.toLowerCase().endsWith(ENDING) && !word.startsWith('-'));
  if (given === undefined) return null;
  if (!given.startsWith('file:')) return path.resolve(folder, given);
  try {
    return fileURLToPath(given);
  } catch {
    // An address of another computer, or none at all.
    return null;
  }
}

export type ArchiveParts = {
  readonly dialog: Pick<Dialog, 'showMessageBox' | 'showSaveDialog'>;
  readonly window: () => BrowserWindow | null;
  readonly log: () => Logger | null;
};

/** Archives the trader opens in the system: each becomes a journal of its own where the trader says so. */
export interface ArchiveOpener {
  /** Offers an archive once there is a window; null is none. One is dealt with at a time. */
  take(file: string | null): void;
  /** From now on there is a window to ask in. */
  start(): void;
}

/** Returns what deals with archives. The journal of the running desk is never touched. */
export function createArchiveOpener(app: Pick<App, 'on'>, parts: ArchiveParts): ArchiveOpener {
  const waiting: string[] = [];
  let state: 'starting' | 'idle' | 'asking' = 'starting';
  const next = (): void => {
    const file = state === 'idle' ? waiting.shift() : undefined;
    if (file === undefined) return;
    state = 'asking';
    void offer(file, parts)
      .catch((error: unknown) => parts.log()?.error({ event: 'archive-failed', err: error }))
      .then(() => {
        state = 'idle';
        next();
      });
  };
  const take = (file: string | null): void => {
    if (file === null || waiting.includes(file)) return;
    waiting.push(file);
    next();
  };
  // macOS tells of a double click this way, at times before anything else is there.
  app.on('open-file', (event, file) => {
    event.preventDefault();
    take(archiveOf(['', file], '/'));
  });
  return {
    take,
    start: () => {
      state = 'idle';
      next();
    },
  };
}

async function offer(file: string, { dialog, window, log }: ArchiveParts): Promise<void> {
  const ask = (options: Electron.MessageBoxOptions) => {
    const shown = window();
    const asked = { noLink: true, ...options };
    return shown === null ? dialog.showMessageBox(asked) : dialog.showMessageBox(shown, asked);
  };
  const { response } = await ask({
    type: 'question',
    title: 'Archive of a journal',
    message: `Make a journal of ${path.basename(file)}?`,
    detail:
      'A new journal is made where you say, verified, and left there to be looked at and backtested on the command line. Nothing is added to the journal of this desk.',
    buttons: ['Cancel', 'Choose where …'],
    defaultId: 1,
    cancelId: 0,
  });
  if (response !== 1) return;
  const chosen = await dialog.showSaveDialog({
    title: 'Where the journal is made',
    defaultPath: `${file.slice(0, -ENDING.length)}.db`,
    buttonLabel: 'Make the journal',
    properties: ['createDirectory'],
  });
  if (chosen.canceled || chosen.filePath === '') return;
  try {
    const { events, decisions, trades, isSound } = await importArchive(file, chosen.filePath);
    const counts = [countedText(events, 'event'), countedText(decisions, 'decision'), countedText(trades, 'trade')];
    const doubt = isSound ? '' : '\n\nDecisions in it recompute to another answer: another version made them.';
    await ask({
      type: isSound ? 'info' : 'warning',
      title: 'Archive of a journal',
      message: 'The journal is made and verified.',
      detail: `${chosen.filePath}\n${counts.join(', ')}${doubt}`,
      buttons: ['OK'],
    });
  } catch (error) {
    log()?.warn({ event: 'archive-refused', err: error });
    const { message, remedy } =
      error instanceof DeskError ? error.data : { message: 'it could not be read', remedy: null };
    await ask({
      type: 'error',
      title: 'Archive of a journal',
      message: 'No journal was made.',
      detail: [message, remedy].filter((text) => text !== null).join('\n'),
      buttons: ['OK'],
    });
  }
}
