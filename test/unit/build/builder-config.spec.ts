import { existsSync } from 'node:fs';
import path from 'node:path';
import { validateConfiguration } from 'app-builder-lib/out/util/config/config.js';
import { DebugLogger } from 'builder-util';
import { describe, expect, it } from 'vitest';
import { builderConfig } from '#build/electron-builder.config.mjs';

const config = () => builderConfig({ stage: '/stage', out: '/out', unneeded: [], electronDist: null, afterPack: null });
const check = (given: object) => validateConfiguration(given, new DebugLogger(false));

describe('the configuration of the packages', () => {
  it('is one that electron-builder’s own schema admits, for all three systems', async () => {
    await expect(check(config())).resolves.toBeUndefined();
  });

  it.each([
    ['linux', { targets: ['AppImage'] }],
    ['win', { icons: 'icon.ico' }],
    ['mac', { target: [{ target: 'dmg', arch: ['universe'] }] }],
    ['nsis', { oneClik: false }],
    ['fileAssociations', [{ name: 'no ending' }]],
  ])('would not be admitted with an error in %s', async (key, value) => {
    await expect(check({ ...config(), [key]: value })).rejects.toThrow(/configuration/i);
  });

  it('names the packages of each system', () => {
    const { linux, win, mac, nsis } = config();
    expect(linux.target).toEqual(['AppImage', 'deb', 'tar.gz']);
    expect(win.target).toEqual(['nsis']);
    expect(mac.target).toEqual([{ target: 'dmg', arch: ['universal'] }]);
    expect(nsis).toMatchObject({ perMachine: false, deleteAppDataOnUninstall: false });
  });

  it('opens the archive of a journal, with an icon for each system, and publishes nowhere by itself', () => {
    const { fileAssociations, directories, publish } = config();
    expect(fileAssociations).toMatchObject([{ ext: 'kellyjournal', role: 'Viewer' }]);
    const icon = fileAssociations[0]?.icon ?? '';
    for (const ending of ['ico', 'icns']) {
      expect(existsSync(path.join(directories.buildResources, `${icon}.${ending}`))).toBe(true);
    }
    expect(publish).toBeNull();
  });
});
