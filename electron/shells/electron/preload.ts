import { contextBridge, ipcRenderer } from 'electron';

// Bundled alone into a sandboxed script, so the channels' names stand here once more (see trusted-ipc.ts).
const CHANNEL = 'desk:frame';
const FOLDER_CHANNEL = 'desk:open-folder';

/**
 * All the page has of Electron: frames to the desk, frames from it, and a word that opens the folder of the profile, which
 * only the main process names. The event object never reaches the page.
 */
contextBridge.exposeInMainWorld('desk', {
  send: (frame: unknown): void => ipcRenderer.send(CHANNEL, frame),
  onFrame: (listener: (frame: unknown) => void): (() => void) => {
    const pass = (_event: unknown, frame: unknown): void => listener(frame);
    ipcRenderer.on(CHANNEL, pass);
    return () => void ipcRenderer.off(CHANNEL, pass);
  },
  openFolder: (): void => ipcRenderer.send(FOLDER_CHANNEL),
});
