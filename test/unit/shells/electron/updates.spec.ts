import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createUpdates, feedAddress } from '#shells/electron/updates.ts';
import type { Updater } from '#shells/electron/updates.ts';

const log = pino({ level: 'silent' });
const FEED = 'https://updates.example.com/desk/';

type Found = { readonly isUpdateAvailable: boolean; readonly updateInfo: { readonly version: string } } | null;

/** An updater that finds what it is told to, and keeps what it was asked. */
function updaterOf(found: () => Promise<Found>) {
  const calls: string[] = [];
  const updater = Object.assign(new EventEmitter(), {
    autoDownload: true,
    autoInstallOnAppQuit: false,
    allowDowngrade: true,
    setFeedURL: (feed: unknown) => void calls.push(JSON.stringify(feed)),
    checkForUpdates: () => {
      calls.push('check');
      return found();
    },
    downloadUpdate: () => {
      calls.push('download');
      return Promise.resolve([]);
    },
  });
  return { updater: updater as unknown as Updater, calls };
}

async function checkWith(found: () => Promise<Found>, answers: readonly number[]) {
  const { updater, calls } = updaterOf(found);
  const messages: string[] = [];
  const left = [...answers];
  const showMessageBox = (...shown: unknown[]) => {
    messages.push((shown.at(-1) as { message: string }).message);
    return Promise.resolve({ response: left.shift() ?? 0, checkboxChecked: false });
  };
  const dialog = { showMessageBox } as never;
  await createUpdates({ updater, feed: FEED, dialog, window: () => null, log }).check();
  return { updater, calls, messages };
}

describe('the address of updates', () => {
  it.each([undefined, '', '  '])('is none by default: %j', (text) => {
    expect(feedAddress(text)).toEqual({ url: null, error: null });
  });

  it('is https and nothing else', () => {
    expect(feedAddress(FEED).url).toBe(FEED);
    for (const text of [
      'http://example.com',
      'file:///tmp',
      'javascript:1',
      'https://user:pass@example.com',
      'nonsense',
    ]) {
      expect(feedAddress(text)).toEqual({ url: null, error: expect.stringContaining(text) as string });
    }
  });
});

describe('an update', () => {
  const newer = (): Promise<Found> => Promise.resolve({ isUpdateAvailable: true, updateInfo: { version: '9.0.0' } });

  it('is never fetched without a yes', async () => {
    const { calls, updater, messages } = await checkWith(newer, [0]);
    expect(calls).toEqual([JSON.stringify({ provider: 'generic', url: FEED }), 'check']);
    expect(messages).toEqual(['Version 9.0.0 can be had.']);
    expect([updater.autoDownload, updater.allowDowngrade]).toEqual([false, false]);
  });

  it('is fetched on a yes and put in place when the desk is quit', async () => {
    const { calls, updater, messages } = await checkWith(newer, [1, 0]);
    expect(calls.at(-1)).toBe('download');
    expect(updater.autoInstallOnAppQuit).toBe(true);
    expect(messages.at(-1)).toContain('is ready');
  });

  it.each([null, { isUpdateAvailable: false, updateInfo: { version: '0.1.0' } }])(
    'that is not there is said: %#',
    async (found) => {
      const { calls, messages } = await checkWith(() => Promise.resolve(found), []);
      expect(calls).not.toContain('download');
      expect(messages).toEqual(['This is the newest version.']);
    },
  );

  it('that cannot be looked for changes nothing', async () => {
    const { calls, messages } = await checkWith(() => Promise.reject(new Error('offline')), []);
    expect(calls).not.toContain('download');
    expect(messages).toEqual(['The update could not be fetched.']);
  });
});
