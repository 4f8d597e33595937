import { contextBridge, ipcRenderer } from 'electron';

// Bundled alone into a sandboxed script, so the channel's name stands here once more (see trusted-ipc.ts).
const CHANNEL = 'desk:frame';

/** All the page has of Electron: frames to the desk and frames from it. The event object never reaches the page. */
contextBridge.exposeInMainWorld('desk', {
  send: (frame: unknown): void => ipcRenderer.send(CHANNEL, frame),
  onFrame: (listener: (frame: unknown) => void): (() => void) => {
    const pass = (_event: unknown, frame: unknown): void => listener(frame);
    ipcRenderer.on(CHANNEL, pass);
    return () => void ipcRenderer.off(CHANNEL, pass);
  },
});
