import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import { MIGRATIONS } from '#desk/journal/migrations/index.ts';
import { openJournal } from '#desk/journal/open-journal.ts';
import { tableFault } from '#desk/journal/verify.ts';
import { NOON, aDecision } from '#test/support/journal-events.ts';
import { type Found, cutPower, everyInstant, randomInstants } from '#test/support/power-cut/cuts.ts';
import { type Recording, buildRecorder, recordScript } from '#test/support/power-cut/recording.ts';
import { generator } from '#test/support/random.ts';
import { rounds, timeLimit } from '#test/support/scale.ts';

const SCRIPT = join(import.meta.dirname, '..', 'support', 'power-cut', 'upgrade-child.ts');
const FIXTURE = join(import.meta.dirname, '..', 'fixtures', 'journal', 'schema-1.json');
const { lastSeq, headHash } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as { lastSeq: number; headHash: string };
const NOW = MIGRATIONS.length;

const recompute = ({ now }: SizingSnapshot) =>
  now === NOON ? aDecision() : aDecision({ status: 'disagree', contracts: 0 });

/** The schema on the disk: that of then, whole, or today's, whole; and the copy, if there is one, that of then. */
function shapeFault(path: string, told: readonly string[]): string | null {
  const copy = `${path}.before-v${NOW}`;
  for (const file of [path, copy].filter((one) => existsSync(one))) {
    const database = new SqliteDatabase(file);
    try {
      const version = Number(database.pragma('user_version', { simple: true }));
      if (version !== 1 && (version !== NOW || file === copy)) return `${file} has schema ${version}`;
      const fault = tableFault(database, version);
      if (fault !== null) return `${file}: ${fault}`;
      if (version === NOW && !existsSync(copy)) return 'there is no copy of the old journal';
      if (version === 1 && file === path && told.includes('upgraded')) return 'the upgrade that was told is gone';
    } finally {
      database.close();
    }
  }
  return null;
}

/** Looks at what is left, then opens it as the next start would: all that was told is there, and it verifies. */
function inspect(folder: string, told: readonly string[]): Found {
  if (!told.includes('there')) return { lost: 0, fault: null };
  const path = join(folder, 'journal.db');
  const lines = [`${lastSeq} ${headHash}`, ...told.filter((line) => /^\d+ [0-9a-f]{64}$/.test(line))];
  if (!existsSync(path)) return { lost: lines.length, fault: 'the file is gone' };
  const fault = shapeFault(path, told);
  if (fault !== null) return { lost: 0, fault };
  const opened = openJournal({ path });
  if (!opened.ok) return { lost: lines.length, fault: JSON.stringify(opened.error) };
  const journal = opened.value;
  try {
    const found = new Set(
      [...journal.events({ kinds: ['stopped', 'annotation'] })].map(({ seq, hash }) => `${seq} ${hash}`),
    );
    const [first] = journal.verify(recompute).findings;
    const lost = lines.filter((line) => !found.has(line)).length;
    return { lost, fault: first === undefined ? null : `${first.check}: ${first.detail}` };
  } finally {
    journal.close();
  }
}

const recorder = buildRecorder();
if ('missing' in recorder) process.stderr.write(`power cuts of the upgrade are skipped: ${recorder.missing}\n`);
afterAll(() => {
  if ('library' in recorder) recorder.remove();
});

describe.skipIf('missing' in recorder)('the upgrade of a journal of schema 1', () => {
  let recording: Recording = { root: '', calls: [] };
  beforeAll(async () => {
    if ('library' in recorder) recording = await recordScript(recorder.library, SCRIPT, []);
  });

  it(
    'whose power is cut leaves the old journal or the new one, whole, and the next start goes on',
    () => {
      const random = generator(16);
      const { root, calls } = recording;
      const instants = randomInstants(rounds(40), calls, random);
      expect(cutPower({ calls, root, instants, random, inspect })).toMatchObject({ cutsWithLoss: 0, faults: [] });
    },
    timeLimit(120_000),
  );

  it(
    'that is killed after a disk call leaves the old journal or the new one, whole',
    () => {
      const { root, calls } = recording;
      const from = calls.findIndex((call) => call.type === 'told' && call.text.startsWith('there'));
      const every = everyInstant(calls).filter((instant) => instant > from);
      const step = Math.max(1, Math.floor(every.length / rounds(60)));
      const instants = every.filter((_, i) => i % step === 0 || i === every.length - 1);
      const totals = cutPower({ calls, root, instants, random: generator(17), survival: 1, inspect });
      expect(totals).toMatchObject({ cutsWithLoss: 0, faults: [] });
      expect(totals.cuts).toBeGreaterThan(30);
    },
    timeLimit(120_000),
  );
});
