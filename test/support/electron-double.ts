import { EventEmitter } from 'node:events';
import type { App, BrowserWindowConstructorOptions, Protocol, Session, WebContents } from 'electron';

type PermissionRequest = NonNullable<Parameters<Session['setPermissionRequestHandler']>[0]>;
type PermissionCheck = NonNullable<Parameters<Session['setPermissionCheckHandler']>[0]>;
type DevicePermission = NonNullable<Parameters<Session['setDevicePermissionHandler']>[0]>;
type BeforeRequest = NonNullable<Parameters<Session['webRequest']['onBeforeRequest']>[0]>;
type WindowOpen = Parameters<WebContents['setWindowOpenHandler']>[0];
type Handle = Parameters<Protocol['handle']>[1];
type CustomSchemes = Parameters<Protocol['registerSchemesAsPrivileged']>[0];

/** What a double of the `electron` module saw: the effective options and the handlers that were set. */
export class ElectronRecord {
  /** Addresses handed to the system's browser. */
  readonly opened: string[] = [];
  readonly calls: string[] = [];
  readonly app = new EventEmitter();
  readonly ipcMain = new EventEmitter();
  readonly ipcRenderer = new EventEmitter();
  readonly sentByPage: unknown[][] = [];
  readonly exposed = new Map<string, unknown>();
  readonly windows: WindowRecord[] = [];
  readonly protocols = new Map<string, Handle>();
  schemes: CustomSchemes = [];
  errors: string[] = [];
  permissionRequest: PermissionRequest | null = null;
  permissionCheck: PermissionCheck | null = null;
  devicePermission: DevicePermission | null = null;
  beforeRequest: BeforeRequest | null = null;
  #wakeWindow: (() => void) | null = null;

  /** Resolves once the first window has been made and its page loaded. */
  async window(): Promise<WindowRecord> {
    if (this.windows[0]?.loaded === undefined) {
      await new Promise<void>((resolve) => {
        this.#wakeWindow = resolve;
      });
    }
    const [window] = this.windows;
    if (window === undefined) throw new Error('no window was made');
    return window;
  }

  loadedPage(): void {
    this.#wakeWindow?.();
  }
}

/** One window as the shell made it, with the half of `webContents` it uses. */
export class WindowRecord extends EventEmitter {
  readonly options: BrowserWindowConstructorOptions;
  readonly webContents: ContentsRecord;
  loaded: string | undefined;

  constructor(options: BrowserWindowConstructorOptions, id: number) {
    super();
    this.options = options;
    this.webContents = new ContentsRecord(id);
  }
}

export class ContentsRecord extends EventEmitter {
  readonly id: number;
  readonly sent: unknown[][] = [];
  windowOpen: WindowOpen | null = null;

  constructor(id: number) {
    super();
    this.id = id;
  }

  send(...message: unknown[]): void {
    this.sent.push(message);
    this.emit('double:sent');
  }

  isDestroyed(): boolean {
    return false;
  }

  setWindowOpenHandler(handler: WindowOpen): void {
    this.windowOpen = handler;
  }
}

/** The module itself: only what the shell may use; anything else fails as a missing export. */
export function electronDouble(record: ElectronRecord) {
  class BrowserWindow extends WindowRecord {
    constructor(options: BrowserWindowConstructorOptions) {
      super(options, record.windows.length + 1);
      record.windows.push(this);
    }
    removeMenu(): void {
      record.calls.push('removeMenu');
    }
    show(): void {
      record.calls.push('show');
    }
    isDestroyed(): boolean {
      return false;
    }
    loadURL(url: string): Promise<void> {
      this.loaded = url;
      record.loadedPage();
      return Promise.resolve();
    }
  }
  const app = Object.assign(record.app, {
    enableSandbox: () => void record.calls.push('enableSandbox'),
    whenReady: () => Promise.resolve(record.calls.push('ready')).then(() => undefined),
    quit: () => {
      const event = { isPrevented: false };
      record.app.emit('before-quit', { preventDefault: () => (event.isPrevented = true) });
      if (!event.isPrevented) record.app.emit('double:quit');
    },
    exit: () => void record.calls.push('exit'),
  } satisfies Partial<Record<keyof App, unknown>>);
  const defaultSession = {
    setPermissionRequestHandler: (handler: PermissionRequest) => (record.permissionRequest = handler),
    setPermissionCheckHandler: (handler: PermissionCheck) => (record.permissionCheck = handler),
    setDevicePermissionHandler: (handler: DevicePermission) => (record.devicePermission = handler),
    setDisplayMediaRequestHandler: () => record.calls.push('displayMedia'),
    webRequest: { onBeforeRequest: (handler: BeforeRequest) => (record.beforeRequest = handler) },
  } satisfies Partial<Record<keyof Session, unknown>>;
  return {
    app,
    BrowserWindow,
    dialog: { showErrorBox: (_title: string, text: string) => record.errors.push(text) },
    shell: {
      openExternal: (url: string) => {
        record.opened.push(url);
        return Promise.resolve();
      },
    },
    ipcMain: record.ipcMain,
    protocol: {
      registerSchemesAsPrivileged: (schemes: CustomSchemes) => {
        record.calls.push('registerSchemes');
        record.schemes = schemes;
      },
      handle: (scheme: string, handler: Handle) => record.protocols.set(scheme, handler),
    },
    session: { defaultSession },
    contextBridge: { exposeInMainWorld: (name: string, api: unknown) => record.exposed.set(name, api) },
    ipcRenderer: Object.assign(record.ipcRenderer, {
      send: (...message: unknown[]) => void record.sentByPage.push(message),
    }),
  };
}
