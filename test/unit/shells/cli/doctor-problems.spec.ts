import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { doctorCommand } from '#shells/cli/doctor-command.ts';
import { THIS_MACHINE, type Machine } from '#shells/cli/doctor-machine.ts';
import { rememberCheck } from '#desk/journal/full-check.ts';
import { epochMs } from '#shared/units.ts';
import { remount, smallDisk } from '#test/support/small-disk.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';

let data: string;
let profile: string;

beforeEach(() => {
  data = temporaryFolder();
  profile = profileOf(data);
  mkdirSync(profile, { recursive: true, mode: 0o700 });
});

const profileOf = (folder: string): string => path.join(folder, 'profiles', 'simulation');

/** What a doctor prints of one check on a machine that is like this one but for `changes`. */
async function told(check: string, changes: Partial<Machine> = {}, dataFolder = data) {
  const lines: string[] = [];
  const output = { out: (text: string) => void lines.push(text), err: () => undefined, isTerminal: false };
  const machine = { ...THIS_MACHINE, ...changes };
  const options = { dataFolder, profile: 'simulation', json: false, connections: false, machine };
  const exit = await doctorCommand(options, output);
  const at = lines.findIndex((line) => line.slice(4).startsWith(`${check}  `));
  return { mark: lines[at]?.[2], line: lines[at] ?? '', remedy: /→ (.*)/.exec(lines[at + 1] ?? '')?.[1] ?? null, exit };
}

/** A folder the desk might be installed in. */
function installed(...files: readonly string[]): string {
  const root = temporaryFolder();
  for (const file of files) {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(root, file), file.endsWith('path.txt') ? 'electron' : '');
  }
  return root;
}

describe('a machine with a problem', () => {
  it('an old Node is repaired by the scripts that bring their own', async () => {
    expect(await told('Node', { nodeVersion: 'v20.18.1' })).toMatchObject({
      ...{ mark: '✗', line: expect.stringContaining('v20.18.1 is older than 24') as string, exit: 1 },
      remedy: 'Run the desk through its npm scripts: they bring their own Node.',
    });
    expect(await told('Node')).toMatchObject({ mark: '✓', remedy: null });
  });

  it('an Electron without its binary is fetched, or gone without', async () => {
    const broken = { root: installed('node_modules/electron/path.txt') };
    expect(await told('Electron', broken)).toMatchObject({
      mark: '!',
      remedy: expect.stringContaining('npm start -- --shell electron') as string,
    });
    const whole = { root: installed('node_modules/electron/path.txt', 'node_modules/electron/dist/electron') };
    expect(await told('Electron', whole)).toMatchObject({ mark: '✓' });
  });

  it('no browser is a failure only where there is no Electron either', async () => {
    const exists = () => false;
    const without = await told('Browser', { exists, root: installed() });
    expect(without).toMatchObject({ mark: '✗', remedy: expect.stringContaining('apt-get install chromium') as string });
    const root = installed('node_modules/electron/path.txt', 'node_modules/electron/dist/electron');
    expect(await told('Browser', { exists, root })).toMatchObject({ mark: '!' });
    expect(await told('Browser', { exists: (file) => file.endsWith('google-chrome') })).toMatchObject({
      ...{ mark: '✓', line: expect.stringContaining('Google Chrome') as string },
    });
  });

  it('no display has the desk print its address; a screen that is not built is built', async () => {
    expect(await told('Display', { platform: 'linux', env: {} })).toMatchObject({
      ...{ mark: '!', remedy: expect.stringContaining('prints its address') as string },
    });
    expect(await told('Display', { platform: 'linux', env: { WAYLAND_DISPLAY: 'wayland-0' } })).toMatchObject({
      mark: '✓',
    });
    expect(await told('Screen', { root: installed() })).toMatchObject({
      ...{ mark: '!', remedy: expect.stringContaining('npm run build') as string },
    });
    expect(await told('Screen', { root: installed('dist/renderer/index.html') })).toMatchObject({ mark: '✓' });
  });

  it('an Electron nobody mends any more is replaced by a newer desk', async () => {
    const later = Date.now() + 3 * 365 * 86_400_000;
    expect(await told('Electron version', { wallClock: () => later })).toMatchObject({
      ...{ mark: '!', remedy: expect.stringContaining('Take a newer desk') as string },
    });
    expect(await told('Electron version', { electron: 'latest' })).toMatchObject({ mark: '✗', exit: 1 });
  });

  it('an address nothing can listen on is allowed in the firewall', async () => {
    // From the block for documentation: no machine has it.
    expect(await told('Loopback', { loopback: '203.0.113.7' })).toMatchObject({
      ...{ mark: '✗', exit: 1, remedy: expect.stringContaining('Allow programs to listen') as string },
    });
  });

  it('a clock that is set while it is watched is left to NTP', async () => {
    let asked = 0;
    const wallClock = (): number => Date.now() + 90_000 * asked++;
    expect(await told('Clock', { wallClock })).toMatchObject({
      ...{ mark: '!', remedy: expect.stringContaining('timedatectl set-ntp true') as string },
    });
    expect(await told('Clock')).toMatchObject({ mark: '✓' });
  });
});

describe('a profile with a problem', () => {
  const journal = (): string => path.join(profile, 'journal.db');

  it('a damaged journal is restored, one that failed its weekly check as well', async () => {
    mustOpen(journal()).close();
    rememberCheck(journal(), { at: epochMs(Date.now()), events: 3, fault: 'row 7 does not follow row 6' });
    expect(await told('Full check')).toMatchObject({
      ...{ mark: '✗', exit: 1, remedy: expect.stringContaining('Restore the newest backup') as string },
    });
    writeFileSync(journal(), Buffer.alloc(8_192, 7));
    expect(await told('Journal')).toMatchObject({ mark: '✗', exit: 1, remedy: expect.any(String) as string });
  });

  it('a journal without a backup is told how to get one', async () => {
    mustOpen(journal()).close();
    expect(await told('Backups')).toMatchObject({
      ...{ mark: '!', remedy: expect.stringContaining('journal backup') as string },
    });
  });

  it('what others may read is closed to them', async () => {
    if (process.platform === 'win32') return;
    mustOpen(journal()).close();
    chmodSync(journal(), 0o644);
    chmodSync(profile, 0o755);
    expect(await told('Permissions')).toMatchObject({ mark: '!', remedy: `chmod 600 ${journal()}` });
    expect(await told('Data folder')).toMatchObject({ mark: '!', remedy: `chmod 700 ${profile}` });
  });

  it('a disk that is nearly full is given room, one that can only be read another folder', async ({ skip }) => {
    const disk = smallDisk(16);
    if (disk === null) return skip('no small disk can be mounted here');
    mkdirSync(path.join(disk, 'profiles/simulation'), { recursive: true, mode: 0o700 });
    expect(await told('Disk space', {}, disk)).toMatchObject({
      ...{ mark: '✗', exit: 1, remedy: 'Free space: below 100 MB no order is sent.' },
    });
    remount(disk, 'ro');
    // Also one that is still to be made there.
    for (const folder of [disk, path.join(disk, 'not/yet')])
      expect(await told('Data folder', {}, folder)).toMatchObject({
        ...{
          mark: '✗',
          exit: 1,
          remedy: `Make ${folder === disk ? profileOf(disk) : disk} yours to read and write, or choose another with --data.`,
        },
      });
  });
});
