import type { BrowserWindow, Dialog } from 'electron';
import type { AppUpdater } from 'electron-updater';
import type { Logger } from 'pino';

/** What of electron-updater is used here. */
export type Updater = Pick<
  AppUpdater,
  | 'autoDownload'
  | 'autoInstallOnAppQuit'
  | 'allowDowngrade'
  | 'checkForUpdates'
  | 'downloadUpdate'
  | 'setFeedURL'
  | 'on'
>;

/**
 * Reads the address updates come from. There is none unless the trader names one: a desk does not change by itself.
 * @errors a sentence that names the value, when it is not an https address without credentials
 */
export function feedAddress(text: string | undefined): { readonly url: string | null; readonly error: string | null } {
  if (text === undefined || text.trim() === '') return { url: null, error: null };
  try {
    const url = new URL(text.trim());
    if (url.protocol === 'https:' && url.username === '' && url.password === '') return { url: url.href, error: null };
  } catch {
    // Told below like any other address that cannot be used.
  }
  return { url: null, error: `The update address ${text} is not an https address; updates stay off.` };
}

/**
 * Checks a feed for a newer version when asked. Nothing is downloaded without a yes, and an update is put in place only
 * when the desk is quit, never under an open position's nose.
 */
export function createUpdates(parts: {
  readonly updater: Updater;
  readonly feed: string;
  readonly dialog: Pick<Dialog, 'showMessageBox'>;
  readonly window: () => BrowserWindow | null;
  readonly log: Logger;
}): { readonly check: () => Promise<void> } {
  const { updater, feed, dialog, log } = parts;
  updater.autoDownload = false;
  updater.autoInstallOnAppQuit = true;
  // An older version could not open the journal of a newer one.
  updater.allowDowngrade = false;
  updater.setFeedURL({ provider: 'generic', url: feed });
  updater.on('error', (error) => log.error({ event: 'update-failed', err: error }));
  const ask = (message: string, detail: string, buttons: string[]): Promise<number> => {
    const window = parts.window();
    const options = { type: 'info' as const, title: 'Updates', message, detail, buttons, defaultId: 0, cancelId: 0 };
    const answer = window === null ? dialog.showMessageBox(options) : dialog.showMessageBox(window, options);
    return answer.then(({ response }) => response);
  };
  const check = async (): Promise<void> => {
    const result = await updater.checkForUpdates();
    if (result?.isUpdateAvailable !== true) {
      await ask('This is the newest version.', 'Nothing was changed.', ['Close']);
      return;
    }
    const { version } = result.updateInfo;
    const detail = 'It is put in place when the desk is quit. A backup of the journal is taken before it is upgraded.';
    const choice = await ask(`Version ${version} can be had.`, detail, ['Later', 'Download']);
    if (choice !== 1) return;
    await updater.downloadUpdate();
    await ask(`Version ${version} is ready.`, 'Quit the desk when it suits you: it is put in place then.', ['Close']);
  };
  return {
    check: () =>
      check().catch(async (error: unknown) => {
        log.error({ event: 'update-failed', err: error });
        await ask('The update could not be fetched.', 'Nothing was changed. Details are in the log.', ['Close']);
      }),
  };
}
