import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aDecision } from '#test/support/journal-events.ts';
import { stateDigest } from '#test/support/journal-state.ts';
import { generator } from '#test/support/random.ts';
import { rounds, timeLimit } from '#test/support/scale.ts';
import { scratchRoot } from '#test/support/scratch.ts';
import { mustOpen } from '#test/support/temp-journal.ts';

const SCRIPT = join(import.meta.dirname, '..', 'support', 'shutdown-child.ts');
const ENDINGS = ['term', 'throw'] as const;
type Ending = (typeof ENDINGS)[number];

/** One life of a process on a journal, of so many appends and a few more; returns the digest of its last state. */
async function live(path: string, how: Ending, appends: number, work: string): Promise<string> {
  const args = [SCRIPT, path, how, String(appends), work];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (text === '' && how === 'term') void sleep(appends % 5).then(() => child.kill('SIGTERM'));
    text += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code).toBe(how === 'term' ? 0 : 1);
  return text.split('\n').at(-2) ?? '';
}

describe('a desk that is told to end, or ends by an error, at any moment', () => {
  it.each(ENDINGS)(
    '(%s) restarts in the state it had, with the end of the chain noted',
    async (how) => {
      const folder = mkdtempSync(join(scratchRoot(), 'kelly-desk-shutdown-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const path = join(folder, 'journal.db');
      const random = generator(how === 'term' ? 10 : 11);
      let events = 0;
      for (let round = 0; round < rounds(10); round += 1) {
        const last = await live(path, how, 1 + Math.floor(random() * 40), round % 4 === 3 ? 'batch' : 'append');
        expect(existsSync(`${path}-wal`)).toBe(false);
        const journal = mustOpen(path);
        expect([round, stateDigest(journal)]).toEqual([round, last]);
        expect(readFileSync(`${path}.head`, 'utf8')).toBe(`${journal.lastSeq()} ${journal.headHash() ?? ''}\n`);
        expect(journal.verify(() => aDecision()).findings).toEqual([]);
        expect(journal.lastSeq()).toBeGreaterThanOrEqual(events);
        events = journal.lastSeq();
        journal.close();
      }
      expect(events).toBeGreaterThan(20);
    },
    timeLimit(120_000),
  );
});
