import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { adoptStandbys } from '#desk/journal/adopt.ts';
import type { JournalTrouble } from '#desk/journal/guarded-journal.ts';
import { openJournal, type SqliteJournal } from '#desk/journal/open-journal.ts';
import { restore } from '#desk/journal/restore.ts';
import { listStandbys } from '#desk/journal/standby.ts';
import { NOON, aDecision, at, events } from '#test/support/journal-events.ts';
import { buildRecorder, runRecorded } from '#test/support/power-cut/recording.ts';
import { scratchRoot } from '#test/support/scratch.ts';
import { rounds, timeLimit } from '#test/support/scale.ts';
import { mustOpen } from '#test/support/temp-journal.ts';

const SCRIPT = join(import.meta.dirname, '..', 'support', 'power-cut', 'standby-child.ts');
const EIO = '5';

const recorder = buildRecorder();
if ('missing' in recorder) process.stderr.write(`standby tests are skipped: ${recorder.missing}\n`);
afterAll(() => {
  if ('library' in recorder) recorder.remove();
});

type Acknowledged = { readonly seq: number; readonly hash: string };
type Outcome = {
  readonly nth: number;
  readonly footing: string;
  readonly trouble: JournalTrouble | null;
  readonly failures: readonly string[];
  readonly isSuspect: boolean;
  readonly entry: string | null;
  readonly exit: string | null;
  readonly delivered: boolean;
};
type Round = {
  readonly path: string;
  readonly acknowledged: readonly Acknowledged[];
  /** Null when the process was killed in it. */
  readonly outcome: Outcome | null;
};
type Line = { readonly nth: number } & ({ readonly seq: number; readonly hashes: readonly string[] } | Outcome);

type Failing = { readonly call: string; readonly times: number; readonly range: string; readonly how: string };

async function run({ call, times, range, how }: Failing): Promise<readonly Round[]> {
  if ('missing' in recorder) throw new Error(recorder.missing);
  const folder = mkdtempSync(join(scratchRoot(), 'kelly-desk-standby-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const args = [folder, call, EIO, String(times), range, how];
  const isKilled = /^\d+$/.test(how);
  const lines = await runRecorded({ library: recorder.library, script: SCRIPT, folder, log: null, args, isKilled });
  const told = lines.map((line) => JSON.parse(line) as Line);
  return [...new Set(told.map(({ nth }) => nth))].map((nth) => {
    const own = told.filter((line) => line.nth === nth);
    const appended = own.flatMap((line) =>
      'hashes' in line ? line.hashes.map((hash, i) => ({ seq: line.seq + i, hash })) : [],
    );
    const outcome = own.find((line): line is Outcome => 'footing' in line) ?? null;
    return { path: join(folder, String(nth), 'journal.db'), acknowledged: appended, outcome };
  });
}

const lostOf = (journal: SqliteJournal, acknowledged: readonly Acknowledged[]): number => {
  const hashes = new Set(journal.after(0, 10_000).map(({ hash }) => hash));
  return acknowledged.filter(({ hash }) => !hashes.has(hash)).length;
};

/** The next clean start: the journal opens, takes over what a standby holds, and has all that was acknowledged. */
function restart({ path, acknowledged }: Round): number {
  const journal = mustOpen(path);
  const adopted = adoptStandbys(journal);
  if (!adopted.ok) throw new Error(JSON.stringify(adopted.error));
  expect(lostOf(journal, acknowledged)).toBe(0);
  expect(journal.verify(() => aDecision()).findings).toEqual([]);
  expect(journal.openLots()).toEqual([]);
  const end = journal.lastSeq();
  expect(adoptStandbys(journal)).toEqual({ ok: true, value: [] });
  expect(journal.lastSeq()).toBe(end);
  journal.append([at(NOON, events.notice('goes on'))]);
  journal.close();
  return adopted.value.length;
}

describe.skipIf('missing' in recorder)('a journal whose disk fails under a desk', () => {
  it.each(['sync', 'write', 'truncate'])(
    'at one %s is verified from disk and goes on, without entries and with nothing lost',
    async (call) => {
      const found = await run({ call, times: 1, range: `1-${rounds(call === 'truncate' ? 3 : 10)}`, how: 'plain' });
      for (const round of found) {
        const refused = 'JournalWriteError suspect';
        expect(round.outcome).toMatchObject({ delivered: true, isSuspect: true, entry: refused, exit: null });
        expect(round.outcome?.trouble).toMatchObject({ isWhole: true });
        // The failed append is not told as failed either: it was written again, where it is safe.
        expect(round.outcome?.failures).toEqual([]);
        restart(round);
      }
      expect(found.map(({ outcome }) => outcome?.footing)).toContain('reopened');
    },
    timeLimit(60_000),
  );

  it(
    'again and again stands on a standby, or on nothing, and the next start takes over what was acknowledged',
    async () => {
      const found = [
        ...(await run({ call: 'write', times: 3, range: `1-${rounds(8)}`, how: 'plain' })),
        ...(await run({ call: 'sync', times: 2, range: `1-${rounds(8)}`, how: 'plain' })),
        ...(await run({ call: 'sync', times: 100_000, range: '1-3', how: 'plain' })),
      ];
      const adopted = found.map((round) => {
        expect(round.outcome).toMatchObject({ isSuspect: true });
        expect(round.outcome?.entry).toMatch(/^JournalWriteError/);
        const opened = mustOpen(round.path);
        adoptStandbys(opened);
        expect(lostOf(opened, round.acknowledged)).toBe(0);
        expect(opened.verify(() => aDecision()).findings).toEqual([]);
        opened.close();
        return round.outcome?.footing;
      });
      expect(new Set(adopted)).toEqual(new Set(['standby', 'none']));
    },
    timeLimit(60_000),
  );

  it(
    'and whose file is damaged goes on beside it, leaves it as it was, and says what is only there',
    async () => {
      const [round] = await run({ call: 'sync', times: 1, range: '1-1', how: 'damaged' });
      if (round === undefined) throw new Error('there was no round');
      expect(round.outcome).toMatchObject({ footing: 'standby', exit: null, entry: 'JournalWriteError suspect' });
      expect(round.outcome?.trouble).toMatchObject({ isWhole: false });
      expect(openJournal({ path: round.path })).toMatchObject({ ok: false, error: { code: 'corrupt' } });
      const [standby = ''] = listStandbys(round.path);
      const before = readFileSync(round.path);
      expect(await restore(standby, round.path, NOON)).toMatchObject({ ok: true });
      const journal = mustOpen(round.path);
      expect(journal.verify(() => aDecision()).findings).toEqual([]);
      const notices = [...journal.events({ kinds: ['notice'] })].map(({ event }) => event.title);
      expect(notices).toContain('A part of the journal is missing here');
      // The exit of a position whose entry cannot be read is kept word for word, the fill as a fill.
      expect(notices).toContain('Recorded apart: order');
      expect([...journal.events({ kinds: ['fill'] })].map(({ event }) => event.fill.execKey)).toContain('X6');
      const kept = readdirSync(join(round.path, '..')).find((name) => /replaced-[\dT]+$/.test(name)) ?? '';
      expect(readFileSync(join(round.path, '..', kept)).equals(before)).toBe(true);
    },
    timeLimit(60_000),
  );

  it(
    'and whose process is killed on the new footing has it all at the next start, once',
    async () => {
      const killed = await Promise.all(
        [1, 3].map((appends) => run({ call: 'write', times: 3, range: '2-2', how: String(appends) })),
      );
      for (const round of killed.flat()) {
        expect(round.outcome).toBeNull();
        const journal = mustOpen(round.path);
        expect(adoptStandbys(journal)).toMatchObject({ ok: true });
        expect(lostOf(journal, round.acknowledged)).toBe(0);
        expect(journal.verify(() => aDecision()).findings).toEqual([]);
      }
    },
    timeLimit(60_000),
  );
});
