import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decisionSchema } from '#shared/domain/decision.ts';
import { run } from '#shells/cli/main.ts';
import { ask } from '#test/support/http.ts';
import { aRoundTrip } from '#test/support/journal-events.ts';
import { temporaryJournal } from '#test/support/temp-journal.ts';

const ROOT = path.resolve(import.meta.dirname, '../../../..');
const SCENARIO = path.join(ROOT, 'test/fixtures/scenarios/conservative-nq.json');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'desk-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Ran = { readonly exit: number; readonly out: string; readonly err: string };

/** Runs a command line in this process. */
async function cli(...argv: readonly string[]): Promise<Ran> {
  const lines = { out: [] as string[], err: [] as string[] };
  const exit = await run(argv, {
    out: (text) => lines.out.push(text),
    err: (text) => lines.err.push(text),
    isTerminal: false,
  });
  return { exit, out: lines.out.join('\n'), err: lines.err.join('\n') };
}

/** One line, no stack trace. */
const expectOneLine = (text: string): void => {
  expect(text.split('\n')).toHaveLength(1);
  expect(text).toMatch(/^error: /);
  expect(text).not.toMatch(/\bat .*\.(ts|js):\d+/);
};

describe('usage', () => {
  it('is explained with the exit codes', async () => {
    for (const argv of [['--help'], ['start', '--help'], ['size', '--help'], ['journal', 'verify', '--help']]) {
      const { exit, out } = await cli(...argv);
      expect(exit).toBe(0);
      expect(out).toContain('Exit codes:');
    }
  });

  it.each([
    [['nonsense'], /unknown command 'nonsense'/],
    [['size'], /missing required argument 'scenario'/],
    [['start', '--port', '99999'], /--port.*99999.*whole number from 0 to 65535/],
    [['start', '--profile', 'demo'], /--profile.*demo.*simulation, paper, live/],
    [['start', '--shell', 'tmux'], /--shell.*tmux/],
    [['serve', '--seed', '1.5'], /--seed.*1\.5/],
    [['replay', '--symbol', 'MES', '--journal', 'x'], /--prices/],
    [['replay', '--prices', 'x.csv', '--symbol', 'MES', '--journal', 'j', '--from', '2020-13-01'], /--from 2020-13-01/],
    [['size', SCENARIO, '--nope'], /unknown option '--nope'/],
  ])('%j is exit code 2 and one line', async (argv, message) => {
    const { exit, out, err } = await cli(...argv);
    expect(exit).toBe(2);
    expect(out).toBe('');
    expectOneLine(err);
    expect(err).toMatch(message);
  });
});

describe('size', () => {
  it('prints the ladder for people', async () => {
    const { exit, out, err } = await cli('size', SCENARIO);
    expect([exit, err]).toEqual([0, '']);
    for (const part of ['Win probability p', 'Full Kelly', 'loss per contract', '◀ binds', 'of equity']) {
      expect(out).toContain(part);
    }
  });

  it('prints the whole decision for machines', async () => {
    const { exit, out } = await cli('size', SCENARIO, '--json');
    const { symbol, ...decision } = JSON.parse(out) as { symbol: string };
    expect(exit).toBe(0);
    expect(symbol).toMatch(/^NQ/);
    expect(decisionSchema.parse(decision).contracts).toBeGreaterThan(0);
  });

  it('names the file that cannot be read, and the one that is not JSON', async () => {
    const broken = path.join(folder, 'broken.json');
    await writeFile(broken, '{"symbol":');
    for (const file of [path.join(folder, 'nope.json'), broken]) {
      const { exit, err } = await cli('size', file);
      expect(exit).toBe(2);
      expectOneLine(err);
      expect(err).toContain(file);
    }
  });

  it('names the field of a scenario that does not fit', async () => {
    const file = path.join(folder, 'unknown-field.json');
    const scenario = JSON.parse(await readFile(SCENARIO, 'utf8')) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...scenario, leverage: 10 }));
    const { exit, err } = await cli('size', file);
    expect(exit).toBe(2);
    expectOneLine(err);
    expect(err).toContain('leverage');
  });
});

describe('journal and replay', () => {
  it('say which file is missing', async () => {
    for (const argv of [
      ['journal', 'verify', path.join(folder, 'nope.db')],
      ['journal', 'stats', path.join(folder, 'nope.db')],
      ['replay', '--prices', path.join(folder, 'nope.csv'), '--symbol', 'MES', '--journal', path.join(folder, 'j.db')],
    ]) {
      const { exit, err } = await cli(...argv);
      expect(exit, argv.join(' ')).toBe(2);
      expectOneLine(err);
      expect(err).toContain('nope');
    }
  });

  it('back up and restore: shown first, done only when told, what was there is kept', async () => {
    const journal = temporaryJournal();
    journal.append(aRoundTrip(1));
    const { path: file } = journal;
    const head = journal.headHash();
    const backup = path.join(folder, 'backup.db');
    expect((await cli('journal', 'backup', file, backup)).exit).toBe(0);
    journal.append(aRoundTrip(2));
    journal.close();
    const shown = await cli('journal', 'restore', backup, file);
    expect(shown.out).toContain('Nothing was changed');
    const restored = await cli('journal', 'restore', backup, file, '--yes');
    expect(restored).toMatchObject({ exit: 0, err: '' });
    expect(restored.out).toContain('is kept at');
    expect((await cli('journal', 'stats', file, '--json')).out).toContain(String(head));
  });

  it('do not take another file for a journal', async () => {
    const file = path.join(folder, 'notes.txt');
    await writeFile(file, 'not a journal');
    const { exit, err } = await cli('journal', 'verify', file);
    expect(exit).toBe(2);
    expectOneLine(err);
  });
});

describe('the program', () => {
  // The checks of this repository may run with a cache of their own, which a trader's shell does not have.
  const env = { ...process.env, NODE_COMPILE_CACHE: undefined };
  const start = (node: string, ...argv: readonly string[]) =>
    spawn(node, [path.join(ROOT, 'electron/shells/cli/bin.mjs'), ...argv], { cwd: folder, env });

  const ended = (child: ReturnType<typeof start>): Promise<number | null> =>
    new Promise((resolve) => child.on('close', resolve));

  it('passes its exit code on, and keeps what it compiled for the next start', async () => {
    expect(await ended(start(process.execPath, '--version'))).toBe(0);
    expect(await ended(start(process.execPath, 'nonsense'))).toBe(2);
    expect(await readdir(path.join(ROOT, 'node_modules/.cache/kelly-desk'))).not.toEqual([]);
  });

  it('serves a desk until it is interrupted, and leaves a sound journal', async () => {
    const data = path.join(folder, 'data');
    const child = start(process.execPath, 'serve', '--data', data, '--seed', '7');
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8').trim()));
      child.once('close', (code) => reject(new Error(`ended with ${String(code)}`)));
    });
    const { origin, searchParams } = new URL(url);
    const headers = { authorization: `Bearer ${searchParams.get('token') ?? ''}` };
    expect((await ask(origin, { path: '/api/kelly/risk-metrics', headers })).status).toBe(200);

    const second = await cli('serve', '--data', data);
    expect(second.exit).toBe(1);
    expect(second.err).toContain('another desk');

    const closed = ended(child);
    child.kill('SIGINT');
    expect(await closed).toBe(0);
    const verified = await cli('journal', 'verify', path.join(data, 'profiles/simulation/journal.db'));
    expect(verified.exit, verified.out + verified.err).toBe(0);
  });
});
