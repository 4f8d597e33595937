import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from 'vite';
import { CONTENT_SECURITY_POLICY } from '#shells/security-headers.ts';
import { ElectronRecord, electronDouble } from '#test/support/electron-double.ts';
import type { WindowRecord } from '#test/support/electron-double.ts';

const ROOT = path.resolve(import.meta.dirname, '../../../..');
const CHANNEL = 'desk:frame';
const record = new ElectronRecord();
let folder: string;
let window: WindowRecord;

const built = (file: string): string => path.join(folder, 'dist/electron', file);
const load = (file: string): unknown => createRequire(import.meta.url)(built(file)) as unknown;

/** Builds the real scripts, puts the double where `electron` resolves, and starts the shell on an empty data folder. */
beforeAll(async () => {
  await mkdir(path.join(ROOT, 'dist'), { recursive: true });
  folder = await mkdtemp(path.join(ROOT, 'dist/electron-test-'));
  process.env['DESK_ELECTRON_OUT'] = path.join(folder, 'dist/electron');
  for (const mode of [
    'preload',
    'import-worker',
    'journal-worker',
    'checkpoint-worker',
    'onnx-worker',
    'backtest-worker',
    'report-worker',
    'main',
  ]) {
    await build({ configFile: path.join(ROOT, 'build/vite.electron.config.ts'), mode, logLevel: 'error' });
  }
  const module = path.join(folder, 'node_modules/electron');
  await mkdir(module, { recursive: true });
  await mkdir(path.join(folder, 'dist/renderer'), { recursive: true });
  await writeFile(path.join(folder, 'dist/renderer/index.html'), '<!doctype html><title>desk</title>');
  await writeFile(path.join(folder, 'secret.txt'), 'SECRET');
  await writeFile(path.join(module, 'package.json'), '{"type":"module","exports":"./index.js"}');
  const double = electronDouble(record);
  Object.assign(globalThis, { electronDouble: double });
  const names = Object.keys(double).join(', ');
  await writeFile(path.join(module, 'index.js'), `export const { ${names} } = globalThis.electronDouble;\n`);
  process.argv = [
    ...process.argv.slice(0, 2),
    `--data=${path.join(folder, 'data')}`,
    '--profile=simulation',
    '--seed=7',
  ];
  load('preload.cjs');
  load('main.js');
  window = await record.window();
});

afterAll(async () => {
  const quit = new Promise((resolve) => record.app.once('double:quit', resolve));
  // Whatever is open by now: yes, quit.
  record.dialogAnswer = 1;
  record.app.emit('window-all-closed');
  await quit;
  await rm(folder, { recursive: true });
});

describe('the window', () => {
  it('gives the page a sandbox and nothing of Node', () => {
    const { preload, ...preferences } = window.options.webPreferences ?? {};
    expect(preload).toBe(built('preload.cjs'));
    expect(preferences).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      spellcheck: false,
      disableBlinkFeatures: 'Auxclick',
    });
  });

  it('loads our page, with the sandbox on and the scheme known before Electron is ready', () => {
    expect(record.errors).toEqual([]);
    expect(window.loaded).toBe('app://desk/');
    expect(record.calls.slice(0, 3)).toEqual(['enableSandbox', 'registerSchemes', 'ready']);
    expect(record.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ]);
  });

  it('sets one switch of Chromium, so that the answer to a click does not wait for a frame', () => {
    expect(record.switches).toEqual([['disable-features', 'DeferRendererTasksAfterInput']]);
  });

  it('opens no other window', () => {
    for (const url of ['https://example.com', 'app://desk/', 'file:///etc/passwd', 'about:blank']) {
      expect(window.webContents.windowOpen?.({ url } as never)).toEqual({ action: 'deny' });
    }
    expect(record.opened).toEqual([]);
  });

  it('hands only the charts’ attribution to the system’s browser, compared whole', () => {
    for (const url of [
      'https://www.tradingview.com.evil/',
      'https://www.tradingview.com/x',
      'http://www.tradingview.com/',
    ]) {
      expect(window.webContents.windowOpen?.({ url } as never)).toEqual({ action: 'deny' });
    }
    expect(record.opened).toEqual([]);
    const attribution = 'https://www.tradingview.com/';
    expect(window.webContents.windowOpen?.({ url: attribution } as never)).toEqual({ action: 'deny' });
    expect(record.opened).toEqual([attribution]);
  });

  it.each([
    'https://example.com/',
    'http://127.0.0.1/',
    'app://desk.evil/',
    'app://desk@evil/',
    'app://user:pass@desk/',
    'app://evil/desk',
    'app:desk',
    'APPS://desk/',
    'file:///etc/passwd',
    'data:text/html,x',
    'javascript:alert(1)',
    'blob:app://desk/1',
    'about:blank',
    '',
    'app://desk.evil.example/',
    'app://evil.desk/',
    'app://desk:80/',
    'app://desk:0/',
    'app://desk%2eevil/',
    'app://desk%00/',
    'app://desk%40evil/',
    'app://@desk@evil/',
    'app://desk:password@evil/',
    'app://:@evil/desk',
    'app://evil#desk',
    'app://evil?app://desk/',
    'app://evil/..//desk/',
    'app://evil\\desk/',
    'app:\\\\desk/',
    'app:///desk/',
    'app:/desk/',
    'app:',
    'app://',
    'app://./',
    'app://[::1]/',
    'app://127.0.0.1/',
    'app://dеsk/',
    'app://desk\u200b/',
    'app://desk。evil/',
    'xapp://desk/',
    'app+x://desk/',
    'desk://app/',
    'http://app//desk/',
    'http://desk/',
    'https://desk/',
    'https://app:desk@evil/',
    'wss://desk/',
    'ftp://desk/',
    'file://desk/',
    'file:///app://desk/',
    'data:text/html,<script>location="app://desk/"</script>',
    'view-source:app://desk/',
    'filesystem:app://desk/temporary/x',
    'chrome://gpu/',
    'chrome-extension://desk/',
    'devtools://devtools/',
    'mailto:app://desk/',
    'intent://desk/#Intent;scheme=app;end',
    'ms-settings:',
    '//desk/',
    '/desk',
    ' ',
    'not an address',
  ])('does not go to %j', (url) => {
    for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect']) {
      let isPrevented = false;
      window.webContents.emit(name, { url, preventDefault: () => (isPrevented = true) });
      expect(isPrevented, name).toBe(true);
    }
  });

  it('attaches no webview', () => {
    let isPrevented = false;
    window.webContents.emit('will-attach-webview', { preventDefault: () => (isPrevented = true) });
    expect(isPrevented).toBe(true);
  });
});

describe('permissions', () => {
  // Every permission Electron knows, but the two that are allowed.
  const NAMES = [
    ...['clipboard-read', 'deprecated-sync-clipboard-read', 'display-capture', 'fileSystem'],
    ...['fullscreen', 'geolocation', 'geolocation-approximate', 'hid', 'idle-detection', 'keyboardLock', 'media'],
    ...['mediaKeySystem', 'midi', 'midiSysex', 'openExternal', 'pointerLock', 'serial', 'speaker-selection'],
    ...['storage-access', 'top-level-storage-access', 'unknown', 'usb', 'window-management', 'background-sync'],
    ...['bluetooth', 'local-network-access', 'loopback-network', 'a-permission-of-tomorrow'],
  ];

  it.each(NAMES)('%s is denied, asked and checked', (name) => {
    let granted: boolean | null = null;
    const details = { requestingUrl: 'app://desk/', isMainFrame: true };
    record.permissionRequest?.({} as never, name as never, (given) => (granted = given), details);
    expect(granted).toBe(false);
    expect(record.permissionCheck?.({} as never, name as never, 'app://desk', details)).toBe(false);
  });

  const FOREIGN = ['https://example.com/', 'app://desk.evil/', 'file:///', ''];

  it.each([
    ['notifications', 'app://desk/', true, true],
    // The write comes from a click in the page, never from a frame within it.
    ['clipboard-sanitized-write', 'app://desk/', true, true],
    ['clipboard-sanitized-write', 'app://desk/', false, false],
    ...FOREIGN.map((url) => ['notifications', url, true, false] as const),
    ...FOREIGN.map((url) => ['clipboard-sanitized-write', url, true, false] as const),
  ] as const)('%s asked for by %j (main frame: %s): %s', (name, requestingUrl, isMainFrame, isGranted) => {
    let granted: boolean | null = null;
    const answer = (given: boolean): void => {
      granted = given;
    };
    const details = { requestingUrl, isMainFrame };
    record.permissionRequest?.({} as never, name, answer, details);
    expect(granted).toBe(isGranted);
    expect(record.permissionCheck?.({} as never, name, requestingUrl, details)).toBe(isGranted);
  });

  it('devices and screens are denied', () => {
    expect(record.devicePermission?.({} as never)).toBe(false);
    expect(record.calls).toContain('displayMedia');
  });

  it('requests to anywhere but our page are cancelled', () => {
    const outcome = (url: string): boolean | undefined => {
      let cancel: boolean | undefined;
      record.beforeRequest?.({ url } as never, (response) => (cancel = response.cancel));
      return cancel;
    };
    expect(outcome('app://desk/assets/app.js')).toBe(false);
    for (const url of ['https://example.com/', 'http://127.0.0.1:1/', 'ws://127.0.0.1:1/', 'file:///etc/passwd']) {
      expect(outcome(url)).toBe(true);
    }
  });
});

describe('frames', () => {
  const own = () => ({ sender: { id: window.webContents.id }, senderFrame: { parent: null, url: 'app://desk/' } });
  const ask = { kind: 'call', id: 7, op: 'risk.metrics', input: {} };

  /** Sends one frame as from `event` and says what came back within a few turns. */
  const answerTo = async (event: unknown, frame: unknown = ask): Promise<readonly unknown[]> => {
    window.webContents.sent.length = 0;
    record.ipcMain.emit(CHANNEL, event, frame);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return window.webContents.sent
      .filter(([channel]) => channel === CHANNEL)
      .map(([, sent]) => sent)
      .filter((sent) => typeof sent === 'object' && sent !== null && 'kind' in sent && sent.kind === 'reply');
  };

  it('of our page are answered', async () => {
    expect(await answerTo(own())).toEqual([expect.objectContaining({ kind: 'reply', id: 7, ok: true })]);
  });

  it.each([
    ['another window', () => ({ ...own(), sender: { id: 99 } })],
    ['a frame within the page', () => ({ ...own(), senderFrame: { parent: {}, url: 'app://desk/' } })],
    ['a frame that is gone', () => ({ ...own(), senderFrame: null })],
    ['another origin', () => ({ ...own(), senderFrame: { parent: null, url: 'https://example.com/' } })],
    ['a look-alike', () => ({ ...own(), senderFrame: { parent: null, url: 'app://desk.evil/' } })],
    ['about:blank', () => ({ ...own(), senderFrame: { parent: null, url: 'about:blank' } })],
    ['no address', () => ({ ...own(), senderFrame: { parent: null, url: '' } })],
  ])('of %s are dropped', async (_name, event) => {
    expect(await answerTo(event())).toEqual([]);
  });

  it('above 64 KiB, or that JSON cannot carry, are dropped', async () => {
    expect(await answerTo(own(), { ...ask, input: { text: 'x'.repeat(70_000) } })).toEqual([]);
    expect(await answerTo(own(), { ...ask, input: { big: 1n } })).toEqual([]);
  });

  it('asked for by a page before a reload are not answered to the page after it', async () => {
    record.ipcMain.emit(CHANNEL, own(), ask);
    window.webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
    expect(await answerTo(own(), { ...ask, id: 8 })).toEqual([expect.objectContaining({ id: 8 })]);
  });
});

describe('the preload script', () => {
  const bridge = () =>
    record.exposed.get('desk') as {
      send: (frame: unknown) => void;
      onFrame: (listener: (...heard: unknown[]) => void) => () => void;
    };

  it('shows the page three functions and no more', () => {
    expect([...record.exposed.keys()]).toEqual(['desk']);
    expect(Object.keys(bridge()).sort()).toEqual(['onFrame', 'openFolder', 'send']);
  });

  it('passes frames on and keeps the event object to itself', () => {
    bridge().send({ kind: 'subscribe', after: null });
    expect(record.sentByPage).toEqual([[CHANNEL, { kind: 'subscribe', after: null }]]);
    const heard: unknown[][] = [];
    const stop = bridge().onFrame((...frames) => heard.push(frames));
    record.ipcRenderer.emit(CHANNEL, { sender: 'the raw event' }, { kind: 'event' });
    stop();
    record.ipcRenderer.emit(CHANNEL, {}, { kind: 'event' });
    expect(heard).toEqual([[{ kind: 'event' }]]);
  });

  it('is one script that requires nothing but electron', async () => {
    const script = await readFile(built('preload.cjs'), 'utf8');
    expect([...script.matchAll(/require\(["']([^"']+)["']\)/g)].map((match) => match[1])).toEqual(['electron']);
  });
});

describe('the folder of the profile', () => {
  const FOLDER = 'desk:open-folder';
  const from = (id: number, senderFrame: unknown) => ({ sender: { id }, senderFrame });
  const page = { parent: null, url: 'app://desk/' };

  it('is asked for with nothing that names it', () => {
    const before = record.sentByPage.length;
    const { openFolder } = record.exposed.get('desk') as { readonly openFolder: (...given: unknown[]) => void };
    openFolder('/etc');
    expect(record.sentByPage.slice(before)).toEqual([[FOLDER]]);
  });

  it('is opened for our page alone, whatever is sent along, and not again within a second', () => {
    const own = window.webContents.id;
    for (const foreign of [
      from(own + 1, page),
      from(own, null),
      from(own, { parent: page, url: 'app://desk/' }),
      from(own, { parent: null, url: 'https://example.com/' }),
    ]) {
      record.ipcMain.emit(FOLDER, foreign);
    }
    expect(record.folders).toEqual([]);
    for (const given of ['/etc/passwd', undefined, { path: '/' }]) record.ipcMain.emit(FOLDER, from(own, page), given);
    expect(record.folders).toEqual([path.join(folder, 'data/profiles/simulation')]);
  });
});

describe('a second start', () => {
  it('shows the window of the first, and its arguments change nothing', () => {
    const before = record.windows.length;
    record.app.emit('second-instance', {}, ['kelly-desk', '--data=/elsewhere', '--profile=live'], '/');
    expect(record.windows).toHaveLength(before);
    expect(record.calls.slice(-3)).toEqual(['restore', 'show', 'focus']);
    expect(record.dialogs).toEqual([]);
  });

  it('with an archive asks what is to become of it, and does nothing on a no', async () => {
    record.dialogAnswer = 0;
    record.app.emit('second-instance', {}, ['kelly-desk', 'past.kellyjournal'], '/tmp');
    await expect.poll(() => record.dialogs).toEqual(['Make a journal of past.kellyjournal?']);
    expect(record.calls).not.toContain('saveDialog');
    record.dialogs.length = 0;
  });
});

describe('the page’s process', () => {
  it('is started again when it dies, and the desk has gone on', async () => {
    const before = window.webContents.reloads;
    window.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 139 });
    expect(window.webContents.reloads).toBe(before + 1);
    const sent = window.webContents.sent.length;
    record.ipcMain.emit(
      CHANNEL,
      { sender: { id: window.webContents.id }, senderFrame: { parent: null, url: 'app://desk/' } },
      { kind: 'call', id: 1, op: 'risk.metrics', input: {} },
    );
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(window.webContents.sent.length).toBeGreaterThan(sent);
  });

  it('that ended by itself is left alone', () => {
    const before = window.webContents.reloads;
    window.webContents.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 });
    expect(window.webContents.reloads).toBe(before);
  });

  it('that hangs is asked about, and ended only on a yes', async () => {
    record.dialogAnswer = 0;
    window.emit('unresponsive');
    await Promise.resolve();
    expect(record.dialogs.at(-1)).toContain('does not respond');
    expect(window.webContents.crashes).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    record.dialogAnswer = 1;
    window.emit('unresponsive');
    await new Promise((resolve) => setImmediate(resolve));
    expect(window.webContents.crashes).toBe(1);
    record.dialogAnswer = 0;
  });
});

describe('the window’s place', () => {
  it('is written when it closes, readable by its owner only', async () => {
    window.emit('close');
    const file = path.join(folder, 'data/window.json');
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      x: 40,
      y: 30,
      width: 1500,
      height: 950,
      isMaximized: false,
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});

describe('the tray', () => {
  it('has a picture, the state of the desk, and the way to the window, to a halt and out', async () => {
    expect(record.tray.icon.subarray(1, 4).toString('latin1')).toBe('PNG');
    await expect.poll(() => record.tray.toolTip).toContain('Kelly Desk · SIMULATION · ');
    const waiting = (): number => Number(/(\d+) to decide/.exec(record.tray.toolTip)?.[1] ?? 0);
    await expect.poll(() => record.badge - waiting()).toBe(0);
    const labels = () => record.tray.menu.map(({ label }) => label);
    expect(labels()).toEqual(expect.arrayContaining(['Open Kelly Desk', 'Halt trading now', 'Quit …']));
    const press = (label: string): void => {
      const item = record.tray.menu.find((one) => one.label === label);
      (item?.click as (() => void) | undefined)?.();
    };
    press('Open Kelly Desk');
    expect(record.calls.slice(-2)).toEqual(['show', 'focus']);
    press('Halt trading now');
    await expect.poll(() => record.tray.toolTip, { timeout: 30_000 }).toContain('HALTED');
    expect(labels()).toContain('halted from the tray');
  });
});

describe('the menu', () => {
  it('has no reload, and no way to updates while no feed is named', () => {
    const items = JSON.stringify(record.menu);
    expect(items).toContain('"copy"');
    expect(items).not.toContain('reload');
    expect(items).not.toContain('updates');
  });
});

describe('the page', () => {
  const get = (url: string, method = 'GET') =>
    Promise.resolve(record.protocols.get('app')?.(new Request(url, { method })) ?? Response.error());

  it('comes from the built folder with the strict policy', async () => {
    const response = await get('app://desk/');
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<title>desk</title>');
    expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
  });

  it.each([
    'app://desk/../../secret.txt',
    'app://desk/..%2f..%2fsecret.txt',
    'app://desk/%2e%2e/%2e%2e/secret.txt',
    'app://desk//secret.txt',
    'app://desk/..%5c..%5csecret.txt',
    'app://evil/index.html',
    'app://desk/nope.html',
  ])('gives nothing out for %s', async (url) => {
    const response = await get(url);
    expect([403, 404]).toContain(response.status);
    expect(await response.text()).toBe('');
    expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
  });

  it('can only be read', async () => {
    expect((await get('app://desk/', 'POST')).status).toBe(405);
  });
});
