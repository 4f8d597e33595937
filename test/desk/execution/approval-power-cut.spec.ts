import { afterAll, describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal, type SqliteJournal } from '#desk/journal/open-journal.ts';
import { ACCOUNT, MID, MINUTE, START } from '#test/desk/stage.ts';
import { type CutTotals, cutPower, type Found, randomInstants } from '#test/support/power-cut/cuts.ts';
import { type DiskCall, type Recording, buildRecorder, recordScript } from '#test/support/power-cut/recording.ts';
import { scratchRoot } from '#test/support/scratch.ts';
import { generator } from '#test/support/random.ts';
import { rounds, timeLimit } from '#test/support/scale.ts';
import { makeTemplate } from '#test/support/venue/world.ts';

const recorder = buildRecorder();
if ('missing' in recorder) process.stderr.write(`power-cut tests are skipped: ${recorder.missing}\n`);
const SCRIPT = join(import.meta.dirname, '..', '..', 'support', 'power-cut', 'approve-child.ts');
const folder = mkdtempSync(join(scratchRoot(), 'kelly-desk-approve-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  if ('library' in recorder) recorder.remove();
});

async function record(approvalRounds: number, control = ''): Promise<Recording> {
  if ('missing' in recorder) throw new Error(recorder.missing);
  const template = await makeTemplate(mkdtempSync(join(folder, 'template-')));
  const bids = JSON.stringify({ NQ: MID['NQ'], GC: MID['GC'] });
  const args = [template, START + 60 * MINUTE, ACCOUNT, bids, approvalRounds, control];
  return recordScript(recorder.library, SCRIPT, args.map(String));
}

/** What was handed to the broker: the recommendation, and its orders. */
const sentOf = (told: readonly string[]) =>
  told
    .filter((line) => line.startsWith('sent '))
    .map((line) => line.split(' ').slice(1))
    .map(([recommendationId = '', ...orders]) => ({ recommendationId, orders }));

const approvedOf = (told: readonly string[]): readonly string[] =>
  told.filter((line) => line.startsWith('approved ')).map((line) => line.slice('approved '.length));

const isApproved = (journal: SqliteJournal, recommendationId: string): boolean => {
  const state = journal.decision(recommendationId)?.status?.event.state;
  return state === 'approved' || state === 'overridden';
};

/** Whether a journal knows of the approval and of every order with its attempt. */
function isKnown(journal: SqliteJournal, { recommendationId, orders }: ReturnType<typeof sentOf>[number]): boolean {
  const intents = new Set<string>();
  const attempts = new Set<string>();
  for (const { event } of journal.events({ kinds: ['intent', 'order'] })) {
    if (event.kind === 'intent') intents.add(event.terms.clientOrderId);
    else if (event.event.kind === 'send-attempt') attempts.add(event.clientOrderId);
  }
  return (
    isApproved(journal, recommendationId) &&
    orders.length === 3 &&
    orders.every((id) => intents.has(id) && attempts.has(id))
  );
}

function inspect(place: string, told: readonly string[]): Found {
  const [sent, approved] = [sentOf(told), approvedOf(told)];
  if (!told.includes('there')) return { lost: 0, fault: null };
  const opened = openJournal({ path: join(place, 'journal.db') });
  if (!opened.ok) return { lost: sent.length + approved.length, fault: JSON.stringify(opened.error) };
  const journal = opened.value;
  try {
    const walked = journal.walk();
    const unknown = sent.filter((group) => !isKnown(journal, group)).length;
    const unapproved = approved.filter((id) => !isApproved(journal, id)).length;
    return { lost: unknown + unapproved, fault: 'fault' in walked ? walked.fault : null };
  } finally {
    journal.close();
  }
}

/** The instants right after something was told, before the disk was called again. */
const told = (calls: readonly DiskCall[], what: 'sent' | 'approved'): readonly number[] =>
  calls.flatMap((call, i) => (call.type === 'told' && call.text.startsWith(`${what} `) ? [i + 1] : []));
/** A group is at the broker's door. */
const atTheDoor = (calls: readonly DiskCall[]): readonly number[] => told(calls, 'sent');

function cut({ root, calls }: Recording, instants: readonly number[], seed: number, survival?: number): CutTotals {
  return cutPower({
    calls,
    root,
    instants,
    random: generator(seed),
    inspect,
    ...(survival === undefined ? {} : { survival }),
  });
}

const nothingLost = { cutsWithLoss: 0, mostLost: 0, faults: [] };

describe.skipIf('missing' in recorder)('an order at the door of its broker', () => {
  it(
    'is on the disk with its approval, its intents and the attempt to send it',
    async () => {
      const recording = await record(3);
      const door = atTheDoor(recording.calls);
      expect(door.length).toBeGreaterThanOrEqual(6);
      // Nothing that was not synced survives; and then any mixture of it.
      expect(cut(recording, door, 1, 0)).toMatchObject(nothingLost);
      const random = generator(2);
      const instants = [...door, ...door, ...randomInstants(rounds(40), recording.calls, random)];
      expect(cut(recording, instants, 3)).toMatchObject(nothingLost);
    },
    timeLimit(60_000),
  );

  it(
    'is told as approved when that is on the disk, also where another is sent before it',
    async () => {
      const recording = await record(2);
      const instants = told(recording.calls, 'approved');
      expect(instants.length).toBeGreaterThanOrEqual(4);
      expect(cut(recording, instants, 5, 0)).toMatchObject(nothingLost);
    },
    timeLimit(60_000),
  );

  it(
    'would be lost where nothing is synced before it is sent: the test can fail',
    async () => {
      const recording = await record(2, 'late');
      expect(cut(recording, atTheDoor(recording.calls), 4, 0).cutsWithLoss).toBeGreaterThan(1);
    },
    timeLimit(60_000),
  );
});
