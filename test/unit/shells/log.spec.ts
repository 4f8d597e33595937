import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { openLog } from '#shells/log.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function temporary(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'desk-log-'));
  folders.push(folder);
  return folder;
}

/** Waits until the log's folder is as `isDone` says; the stream writes behind the caller. */
async function until(isDone: () => boolean): Promise<void> {
  for (let round = 0; round < 200 && !isDone(); round += 1) await wait(25);
}

describe('the log', () => {
  it('is one JSON object a line, readable by its owner only, without secrets', async () => {
    const folder = temporary();
    openLog(folder, 'simulation').info({ event: 'connected', broker: { token: 'CANARY', apiKey: 'CANARY' } });
    const file = path.join(folder, 'profiles/simulation/desk.log');
    await until(() => readdirSync(path.dirname(file)).includes('desk.log') && statSync(file).size > 0);
    const text = readFileSync(file, 'utf8');
    expect(JSON.parse(text)).toMatchObject({ event: 'connected', broker: { token: '[secret]' } });
    expect(text).not.toContain('CANARY');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('begins a new file when one is full and keeps a few', async () => {
    const folder = temporary();
    const log = openLog(folder, 'simulation');
    const place = path.join(folder, 'profiles/simulation');
    const text = 'x'.repeat(1_000_000);
    for (let i = 0; i < 12; i += 1) {
      log.info({ event: 'filler', text });
      await wait(10);
    }
    // While a file gives way to a new one there is one less for a moment.
    await until(() => readdirSync(place).length >= 3);
    expect(readdirSync(place).sort()).toEqual(['desk.1.log', 'desk.2.log', 'desk.log']);
  });
});
