import { describe, expect, it } from 'vitest';
import { appWindowArguments, findBrowser, hasDisplay } from '#shells/cli/browser.ts';
import type { Surroundings } from '#shells/cli/browser.ts';

const machine = (
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string>>,
  files: readonly string[],
): Surroundings => ({ platform, env, exists: (file) => files.includes(file) });

describe('the browser', () => {
  it('is found where each system keeps it', () => {
    expect(findBrowser(machine('linux', { PATH: '/bin:/usr/bin' }, ['/usr/bin/chromium']))?.name).toBe('Chromium');
    expect(
      findBrowser(
        machine('darwin', { HOME: '/Users/t' }, [
          '/Users/t/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
        ]),
      )?.name,
    ).toBe('Google Chrome');
    const edge = 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe';
    expect(findBrowser(machine('win32', { 'PROGRAMFILES(X86)': 'C:\\Program Files (x86)' }, [edge]))?.executable).toBe(
      edge,
    );
  });

  it('is absent where there is none', () => {
    expect(findBrowser(machine('linux', { PATH: '/bin' }, ['/bin/firefox']))).toBeNull();
    expect(findBrowser(machine('linux', {}, []))).toBeNull();
  });

  it('needs a display on Linux only', () => {
    expect(hasDisplay({ platform: 'linux', env: {} })).toBe(false);
    expect(hasDisplay({ platform: 'linux', env: { DISPLAY: ':0' } })).toBe(true);
    expect(hasDisplay({ platform: 'linux', env: { WAYLAND_DISPLAY: 'wayland-0' } })).toBe(true);
    expect(hasDisplay({ platform: 'darwin', env: {} })).toBe(true);
  });

  it('keeps its sandbox except as root, where it would not start', () => {
    expect(appWindowArguments('http://127.0.0.1:1/', '/p', false)).not.toContain('--no-sandbox');
    expect(appWindowArguments('http://127.0.0.1:1/', '/p', true)).toContain('--no-sandbox');
  });
});
