import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { DeskError } from '#shared/contract/errors.ts';
import { failureText, guardPage, guardProcess } from '#shells/electron/crash-guard.ts';
import { claimSingleInstance } from '#shells/electron/single-instance.ts';
import { menuTemplate } from '#shells/electron/menu.ts';
import { watchPower } from '#shells/electron/power.ts';
import { ElectronRecord, electronDouble } from '#test/support/electron-double.ts';

const log = pino({ level: 'silent' });

function rig(answer: number) {
  const record = new ElectronRecord();
  record.dialogAnswer = answer;
  const { app, BrowserWindow, dialog } = electronDouble(record);
  const window = new BrowserWindow({});
  const clock = { now: 0 };
  const ended: string[] = [];
  record.app.on('double:quit', () => ended.push('quit'));
  guardPage({ app: app as never, dialog: dialog as never, window: window as never, log, now: () => clock.now });
  const crash = (): void => void window.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
  return { record, window, clock, ended, crash };
}

describe('a page that keeps dying', () => {
  it('is asked about after three restarts within a minute', () => {
    const { record, window, crash } = rig(0);
    for (let i = 0; i < 3; i += 1) crash();
    expect([window.webContents.reloads, record.dialogs.length]).toEqual([3, 0]);
    crash();
    expect(record.dialogs).toHaveLength(1);
    expect(window.webContents.reloads).toBe(4);
  });

  it('ends the desk when the trader says so', () => {
    const { window, ended, crash } = rig(1);
    for (let i = 0; i < 4; i += 1) crash();
    expect(ended).toEqual(['quit']);
    expect(window.webContents.reloads).toBe(3);
  });

  it('now and then is started again without a word', () => {
    const { record, window, clock, crash } = rig(0);
    for (let i = 0; i < 20; i += 1) {
      crash();
      clock.now += 30_000;
    }
    expect([window.webContents.reloads, record.dialogs.length]).toEqual([20, 0]);
  });
});

describe('an error nobody caught', () => {
  const rigged = (close: () => Promise<void>) => {
    const process = new EventEmitter();
    const calls: string[] = [];
    const ended = new Promise<void>((resolve) => {
      guardProcess({
        log,
        close: () => {
          calls.push('close');
          return close();
        },
        tell: (error) => void calls.push(String(error)),
        exit: (code) => {
          calls.push(`exit ${code}`);
          resolve();
        },
        process: process as never,
      });
    });
    return { process, calls, ended };
  };

  it('closes the journal, says what happened and ends', async () => {
    const { process, calls, ended } = rigged(() => Promise.resolve());
    process.emit('uncaughtException', new Error('boom'));
    await ended;
    expect(calls).toEqual(['close', 'Error: boom', 'exit 1']);
  });

  it('ends once, whatever fails while it ends', async () => {
    const { process, calls, ended } = rigged(() => Promise.reject(new Error('the disk is gone')));
    process.emit('unhandledRejection', new Error('first'));
    process.emit('uncaughtException', new Error('second'));
    await ended;
    expect(calls).toEqual(['close', 'Error: first', 'exit 1']);
  });
});

describe('what is told of a failure', () => {
  it('is what is wrong and what to do about it', () => {
    const error = new DeskError({
      ...{ code: 'refused', message: 'the journal cannot be written', field: null },
      remedy: 'Make the disk writable.',
    });
    expect(failureText(error)).toMatch(/^the journal cannot be written[^]*Make the disk writable\.$/);
    expect(failureText(new Error('boom'))).toBe('boom');
    expect(failureText('boom')).toBe('boom');
  });
});

describe('one desk per user', () => {
  it('a second process opens nothing', () => {
    const record = new ElectronRecord();
    record.isFirstInstance = false;
    const { app } = electronDouble(record);
    expect(
      claimSingleInstance(
        app as never,
        () => null,
        () => undefined,
      ),
    ).toBe(false);
    expect(record.app.listenerCount('second-instance')).toBe(0);
  });

  it('a second start before there is a window does nothing', () => {
    const record = new ElectronRecord();
    const { app } = electronDouble(record);
    expect(
      claimSingleInstance(
        app as never,
        () => null,
        () => undefined,
      ),
    ).toBe(true);
    record.app.emit('second-instance', {}, [], '/');
    expect(record.calls).toEqual([]);
  });
});

describe('the menu', () => {
  it.each(['linux', 'win32', 'darwin'] as const)('on %s has quit, copy and zoom, and no reload', (platform) => {
    const items = JSON.stringify(menuTemplate(platform, { isPackaged: true, onCheckForUpdates: () => undefined }));
    for (const role of ['quit', 'copy', 'paste', 'zoomIn', 'togglefullscreen']) expect(items).toContain(`"${role}"`);
    expect(items).toContain('Check for updates');
    expect(items).not.toMatch(/reload|toggleDevTools/i);
  });
});

describe('waking up', () => {
  it('compares with the broker, and a failure of that is not the end', async () => {
    const monitor = new EventEmitter();
    let asked = 0;
    watchPower(monitor as never, log, () => {
      asked += 1;
      return Promise.reject(new Error('offline'));
    });
    monitor.emit('suspend');
    expect(asked).toBe(0);
    monitor.emit('resume');
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toBe(1);
  });
});
