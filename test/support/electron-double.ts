import { EventEmitter } from 'node:events';
import type {
  App,
  BrowserWindowConstructorOptions,
  Dialog,
  MenuItemConstructorOptions,
  Protocol,
  Rectangle,
  Session,
  WebContents,
} from 'electron';

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
  /** Folders shown in the system's file manager. */
  readonly folders: string[] = [];
  readonly calls: string[] = [];
  /** Switches of Chromium that were set. */
  readonly switches: (readonly [name: string, value: string | undefined])[] = [];
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
  menu: readonly MenuItemConstructorOptions[] = [];
  /** The tray: its line, its menu, and the bytes of its picture. */
  readonly tray = { toolTip: '', menu: [] as readonly MenuItemConstructorOptions[], icon: Buffer.alloc(0) as Buffer };
  /** The number on the icon of the app. */
  badge = 0;
  readonly powerMonitor = new EventEmitter();
  /** False: another process is the desk already. */
  isFirstInstance = true;
  /** Dialogs that were shown, and the button each is answered with. */
  readonly dialogs: string[] = [];
  dialogAnswer = 0;
  /** What a dialog that asks where to save is answered with; null: it is cancelled. */
  savePath: string | null = null;
  displays: readonly { readonly workArea: Rectangle }[] = [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }];
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

  reloads = 0;
  crashes = 0;

  reload(): void {
    this.reloads += 1;
  }

  forcefullyCrashRenderer(): void {
    this.crashes += 1;
    this.emit('render-process-gone', {}, { reason: 'killed', exitCode: 9 });
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
    show(): void {
      record.calls.push('show');
    }
    focus(): void {
      record.calls.push('focus');
    }
    restore(): void {
      record.calls.push('restore');
    }
    maximize(): void {
      record.calls.push('maximize');
    }
    isMinimized(): boolean {
      return true;
    }
    isMaximized(): boolean {
      return false;
    }
    getNormalBounds(): Rectangle {
      return { x: 40, y: 30, width: 1500, height: 950 };
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
  class Tray extends EventEmitter {
    constructor(icon: Buffer) {
      super();
      record.tray.icon = icon;
    }
    setToolTip(text: string): void {
      record.tray.toolTip = text;
    }
    setContextMenu(menu: readonly MenuItemConstructorOptions[]): void {
      record.tray.menu = menu;
    }
  }
  const app = Object.assign(record.app, {
    isPackaged: false,
    requestSingleInstanceLock: () => record.isFirstInstance,
    commandLine: { appendSwitch: (name: string, value?: string) => void record.switches.push([name, value]) },
    enableSandbox: () => void record.calls.push('enableSandbox'),
    whenReady: () => Promise.resolve(record.calls.push('ready')).then(() => undefined),
    quit: () => {
      const event = { isPrevented: false };
      record.app.emit('before-quit', { preventDefault: () => (event.isPrevented = true) });
      if (!event.isPrevented) record.app.emit('double:quit');
    },
    exit: () => void record.calls.push('exit'),
    setBadgeCount: (count?: number) => {
      record.badge = count ?? 0;
      return true;
    },
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
    dialog: {
      showErrorBox: (_title: string, text: string) => void record.errors.push(text),
      showMessageBoxSync: (...shown: unknown[]) => {
        record.dialogs.push(messageOf(shown));
        return record.dialogAnswer;
      },
      showMessageBox: (...shown: unknown[]) => {
        record.dialogs.push(messageOf(shown));
        return Promise.resolve({ response: record.dialogAnswer, checkboxChecked: false });
      },
      showSaveDialog: () => {
        record.calls.push('saveDialog');
        return Promise.resolve({ canceled: record.savePath === null, filePath: record.savePath ?? '' });
      },
    } satisfies Partial<Record<keyof Dialog, unknown>>,
    Menu: {
      buildFromTemplate: (template: readonly MenuItemConstructorOptions[]) => template,
      setApplicationMenu: (menu: readonly MenuItemConstructorOptions[]) => {
        record.menu = menu;
      },
    },
    nativeImage: { createFromBuffer: (bytes: Buffer) => bytes },
    Tray,
    powerMonitor: record.powerMonitor,
    // No key store, as on a computer without a keyring.
    safeStorage: {
      getSelectedStorageBackend: () => 'basic_text',
      isAsyncEncryptionAvailable: () => Promise.resolve(false),
    },
    screen: { getAllDisplays: () => record.displays },
    shell: {
      openExternal: (url: string) => {
        record.opened.push(url);
        return Promise.resolve();
      },
      openPath: (folder: string) => {
        record.folders.push(folder);
        return Promise.resolve('');
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

/** The sentence of a dialog, whether or not a window was passed before its options. */
const messageOf = (shown: readonly unknown[]): string => {
  const options = shown.at(-1);
  return typeof options === 'object' && options !== null && 'message' in options ? String(options.message) : '';
};
