import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackTape, type PackedTape } from '#desk/backtest/packed-tape.ts';
import { readTape } from '#desk/backtest/read-tape.ts';
import type { WholeTape } from '#desk/backtest/tape.ts';
import { openJournal, type SqliteJournal } from '#desk/journal/open-journal.ts';
import type { Helper } from '#desk/proof/helper-thread.ts';
import { readPieces, readTogether, type SharedReading } from '#desk/proof/shared-reading.ts';
import { epochMs } from '#shared/units.ts';
import { at } from '#test/support/journal-events.ts';
import { aDecision } from '#test/support/journal-facts.ts';
import { signalJournal } from '#test/support/signal-journal.ts';

let folder: string;
let journal: SqliteJournal;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kelly-desk-reading-'));
  const opened = openJournal({ path: signalJournal(folder, { days: 1_100, ownTrades: 40 }), mode: 'read' });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  journal = opened.value;
  journal.hold();
});

afterAll(() => {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A helper in this thread, which hands over copies as a thread does; notes the pieces it read. */
function helperOf(read: number[], change: Partial<SharedReading> = {}): Helper {
  return {
    run: (task, onNews) => {
      if (task.kind !== 'read') throw new Error(`a task of the kind ${task.kind}`);
      readPieces({ ...task, ...change }, (piece, part) => {
        read.push(piece);
        onNews({ kind: 'part', piece, part: structuredClone(part) });
      });
      return Promise.resolve();
    },
    tell: () => undefined,
    end: () => Promise.resolve(),
  };
}

/** With its books, as one that reads alone has it. */
async function whole(reading: ReturnType<typeof readTogether>): Promise<WholeTape> {
  const { tape, books } = await reading;
  return { ...tape, books: books() };
}

const ranges = [
  { from: null, to: null },
  { from: Date.UTC(2026, 6, 1), to: Date.UTC(2028, 2, 1) },
] as const;

describe('a journal that several threads read', () => {
  it.each(ranges)('makes the same tape as one that reads it alone, from $from to $to', async (range) => {
    const alone = readTape(journal, range);
    expect(alone.cases.length).toBeGreaterThan(500);
    for (const helpers of [0, 1, 2]) {
      const read: number[] = [];
      const progress: number[] = [];
      const handed: PackedTape[] = [];
      const reading = readTogether(journal, range, {
        helpers: Array.from({ length: helpers }, () => helperOf(read)),
        onProgress: (done) => progress.push(done),
        onPacked: (packed) => handed.push(structuredClone(packed)),
      });
      expect(await whole(reading)).toEqual(alone);
      expect(handed.map((packed) => ({ ...unpackTape(packed), books: alone.books }))).toEqual([alone]);
      expect(read.length > 0).toBe(helpers > 0);
      expect(progress.at(-1)).toBe(journal.decisionCount());
    }
  });

  it('keeps one of each of the settings, whoever read them', async () => {
    const { tape } = await readTogether(journal, ranges[0], {
      helpers: [helperOf([])],
      onProgress: () => undefined,
      onPacked: () => undefined,
    });
    expect(new Set(tape.cases.map(({ snapshot }) => snapshot.config)).size).toBe(1);
  });

  it('keeps to the state it began with, whatever is written meanwhile', async () => {
    const before = readTape(journal, ranges[0]);
    const opened = openJournal({ path: journal.path });
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    const late = Date.UTC(2040, 0, 1);
    opened.value.append([at(epochMs(late), aDecision('late', late, 0.7))]);
    opened.value.close();
    const read: number[] = [];
    const reading = { helpers: [helperOf(read)], onProgress: () => undefined, onPacked: () => undefined };
    expect(await whole(readTogether(journal, ranges[0], reading))).toEqual(before);
    expect(read.length).toBeGreaterThan(0);
    const anew = openJournal({ path: journal.path, mode: 'read' });
    if (!anew.ok) throw new Error(JSON.stringify(anew.error));
    expect((await readTogether(anew.value, ranges[0], reading)).tape.cases.at(-1)?.id).toBe('late');
    anew.value.close();
  });

  it.each([
    ['cannot be opened by the others', { path: '/nowhere/journal.db' }],
    ['is another one by now', { head: { seq: 1, hash: 'another' } }],
  ])('is read alone where it %s', async (_, change) => {
    const read: number[] = [];
    const reading = { helpers: [helperOf(read, change)], onProgress: () => undefined, onPacked: () => undefined };
    expect(await whole(readTogether(journal, ranges[0], reading))).toEqual(readTape(journal, ranges[0]));
    expect(read).toEqual([]);
  });
});
