import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { brokenRules } from '#test/support/source-rules.ts';

const ROOT = path.resolve(import.meta.dirname, '../../../..');
const sources = ['electron', 'renderer/src', 'shared'].flatMap((folder) =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `${folder}/${name.split(path.sep).join('/')}`),
);

describe('the sources', () => {
  it('break no item of Electron’s security checklist', () => {
    expect(sources.length).toBeGreaterThan(300);
    expect(sources.flatMap((file) => brokenRules(file, readFileSync(path.join(ROOT, file), 'utf8')))).toEqual([]);
  });

  const window = 'electron/shells/electron/window.ts';
  it.each([
    ['electron/desk/x.ts', 'fetch("http://example.com/")', 1],
    ['electron/desk/x.ts', 'connect(`ws://venue.example:${port}`)', 1],
    [window, 'const p = { nodeIntegration: true }', 1],
    [window, 'const p = { "webviewTag": true }', 1],
    [window, 'const p = { contextIsolation: false }', 1],
    [window, 'const p = { webSecurity: false, sandbox: false }', 2],
    ['electron/shells/electron/main.ts', 'app.commandLine.appendSwitch("no-sandbox")', 1],
    [window, 'const p = { allowRunningInsecureContent: false }', 1],
    [window, 'p["enableBlinkFeatures"] = "X"', 1],
    ['electron/shells/electron/main.ts', 'void shell.openExternal(url)', 1],
    ['electron/shells/electron/tray.ts', 'ipcMain.on("x", run)', 2],
    ['electron/shells/electron/main.ts', 'ipcMain.handle("x", run)', 1],
    ['electron/shells/electron/main.ts', 'void window.loadFile("index.html")', 1],
    ['electron/shells/electron/preload.ts', 'contextBridge.exposeInMainWorld("x", ipcRenderer)', 1],
    ['electron/shells/electron/preload.ts', 'contextBridge.exposeInMainWorld("x", { ipcRenderer })', 1],
    ['renderer/src/x.ts', 'ipcRenderer.send("x")', 1],
    ['renderer/src/x.tsx', 'const a = <p dangerouslySetInnerHTML={{ __html: text }} />', 1],
    ['renderer/src/x.ts', 'element.innerHTML = text', 1],
    ['renderer/src/x.ts', 'eval(text); new Function(text)', 2],
    ['electron/desk/x.ts', 'fork(file)', 1],
  ])('would be told of what breaks one: %s %s', (file, text, count) => {
    expect(brokenRules(file, text)).toHaveLength(count);
  });

  it.each([
    ['electron/desk/x.ts', 'fetch("http://127.0.0.1:1/"); fetch("https://example.com/")'],
    [window, 'const p = { nodeIntegration: false, sandbox: true, contextIsolation: true }'],
    ['electron/shells/electron/trusted-ipc.ts', 'ipcMain.on("x", run)'],
    ['electron/shells/electron/preload.ts', 'ipcRenderer.send("x")'],
  ])('are not blamed for what is allowed: %s %s', (file, text) => {
    expect(brokenRules(file, text)).toEqual([]);
  });
});
