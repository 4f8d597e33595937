import type { BrowserWindow, IpcMain, IpcMainEvent } from 'electron';
import { linkClient } from '#desk/serve.ts';
import type { Door } from '#desk/serve.ts';
import { isOwnUrl } from './protocol.ts';

/** The channel between page and desk; frames of the contract go over it in both directions. */
export const CHANNEL = 'desk:frame';
/** A word from the page without any content: show the trader the folder of the profile. */
export const FOLDER_CHANNEL = 'desk:open-folder';
/** A page that asks more often than this is not a trader who clicks. */
const FOLDER_PAUSE_MS = 1_000;
const MAX_FRAME_CHARS = 64 * 1024;

/** Connects the page of a window to the desk. Frames from any other window, frame or origin are dropped unread. */
export function serveWindow(ipcMain: IpcMain, window: BrowserWindow, door: Door): () => void {
  const contents = window.webContents;
  const connect = () =>
    linkClient(door, {
      send: (frame) => {
        if (!contents.isDestroyed()) contents.send(CHANNEL, frame);
      },
    });
  let link = connect();
  const onFrame = (event: IpcMainEvent, raw: unknown): void => {
    if (isTrusted(event, window) && isSmall(raw)) link.receive(raw);
  };
  ipcMain.on(CHANNEL, onFrame);
  // A reloaded page numbers its calls anew: it must not get the answers of the page before.
  contents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (!isMainFrame || isSameDocument) return;
    link.close();
    link = connect();
  });
  const close = (): void => {
    ipcMain.off(CHANNEL, onFrame);
    link.close();
  };
  window.on('closed', close);
  return close;
}

/**
 * Opens a folder when the page asks for it. Which one is fixed here; nothing the page sends with it is looked at.
 * @param open opens the folder in the system's own file manager
 */
export function serveFolder(ipcMain: IpcMain, window: BrowserWindow, open: () => void): () => void {
  let openedAt = -Infinity;
  const onAsked = (event: IpcMainEvent): void => {
    if (!isTrusted(event, window) || performance.now() - openedAt < FOLDER_PAUSE_MS) return;
    openedAt = performance.now();
    open();
  };
  ipcMain.on(FOLDER_CHANNEL, onAsked);
  const close = (): void => void ipcMain.off(FOLDER_CHANNEL, onAsked);
  window.on('closed', close);
  return close;
}

/** Our window, its main frame, our page: anything else is not the trader. */
function isTrusted(event: IpcMainEvent, window: BrowserWindow): boolean {
  const frame = event.senderFrame;
  return (
    !window.isDestroyed() &&
    event.sender.id === window.webContents.id &&
    frame !== null &&
    frame.parent === null &&
    isOwnUrl(frame.url)
  );
}

function isSmall(raw: unknown): boolean {
  try {
    return ((JSON.stringify(raw) as string | undefined) ?? '').length <= MAX_FRAME_CHARS;
  } catch {
    // What JSON cannot carry is no frame of the contract.
    return false;
  }
}
