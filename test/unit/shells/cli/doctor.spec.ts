import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { run } from '#shells/cli/main.ts';
import { mustOpen } from '#test/support/temp-journal.ts';

const findingSchema = z.array(
  z.object({
    check: z.string(),
    state: z.enum(['ok', 'warn', 'fail']),
    detail: z.string(),
    remedy: z.string().nullable(),
  }),
);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'desk-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function doctor(...extra: string[]): Promise<{ readonly exit: number; readonly out: string }> {
  const lines: string[] = [];
  const output = { out: (text: string) => void lines.push(text), err: () => undefined, isTerminal: false };
  const exit = await run(['doctor', '--data', folder, ...extra], output);
  return { exit, out: lines.join('\n') };
}
const findings = async () => findingSchema.parse(JSON.parse((await doctor('--json')).out));
const profile = (): string => {
  const place = path.join(folder, 'profiles/simulation');
  mkdirSync(place, { recursive: true, mode: 0o700 });
  return place;
};

describe('the doctor', () => {
  it('looks at machine and profile, and says for each problem what to do', async () => {
    const found = await findings();
    const checks = ['Node', 'Electron', 'Browser', 'Display', 'Screen', 'Electron version', 'Loopback', 'Clock'];
    expect(found.map(({ check }) => check)).toEqual([
      ...checks,
      ...['Data folder', 'Disk space', 'Journal', 'Full check', 'Permissions', 'Standby', 'Backups', 'Settings'],
    ]);
    for (const { state, remedy } of found) expect(remedy === null).toBe(state === 'ok');
  });

  it('finds a settings file with an unknown key', async () => {
    writeFileSync(path.join(profile(), 'settings.json'), '{"sizeing":{}}');
    const settings = (await findings()).find(({ check }) => check === 'Settings');
    expect(settings?.state).toBe('fail');
    expect(settings?.detail).toContain('sizeing');
    expect((await doctor()).exit).toBe(1);
  });

  it('finds a journal that is something else', async () => {
    writeFileSync(path.join(profile(), 'journal.db'), 'not a journal at all, and long enough to be looked at');
    const journal = (await findings()).find(({ check }) => check === 'Journal');
    expect(journal?.state).toBe('fail');
    expect(journal?.remedy).not.toBeNull();
  });

  it('warns of a journal that others may read, and of a standby that was not taken over', async () => {
    const file = path.join(profile(), 'journal.db');
    mustOpen(file).close();
    chmodSync(file, 0o644);
    writeFileSync(path.join(profile(), 'standby-20260603T170000.db'), 'anything');
    const found = await findings();
    expect(found.find(({ check }) => check === 'Permissions')).toMatchObject({
      state: 'warn',
      remedy: `chmod 600 ${file}`,
    });
    expect(found.find(({ check }) => check === 'Standby')?.remedy).toContain('adopt-standby');
  });

  it('warns of a folder that others may read', async () => {
    chmodSync(profile(), 0o755);
    const place = (await findings()).find(({ check }) => check === 'Data folder');
    expect(place).toMatchObject({ state: 'warn', remedy: expect.stringContaining('chmod 700') as string });
  });

  it('prints a line for each, in words', async () => {
    const { out } = await doctor();
    expect(out).toMatch(/✓ Node +v\d+/);
    expect(out).toMatch(/to repair, \d+ to know|All is well/);
  });
});
