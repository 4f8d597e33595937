import { constants, copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runPolicy } from '#desk/backtest/policy-run.ts';
import { readTape } from '#desk/backtest/read-tape.ts';
import type { Tape } from '#desk/backtest/tape.ts';
import { parsePolicies } from '#desk/desk.ts';
import { viewJournal } from '#desk/journal/view-only.ts';
import { openRoom, reached } from '#test/support/backtest-room.ts';
import { signalJournal } from '#test/support/signal-journal.ts';
import { figure, grownWith, interleave } from '#test/bench/harness.ts';
import type { Bench, Figures, Series, Side } from '#test/bench/harness.ts';

const SEED = 5;
/** Twelve a day. */
const APART_MS = 2 * 3_600_000;
const POLICIES = parsePolicies('all');

type Journaled = { readonly name: string; readonly size: number; readonly path: string };

/** A journal of so many decisions, made once for all runs that share a folder. */
function keptJournal(shared: string, size: number): string {
  const folder = join(shared, `signals-${size}`);
  if (!existsSync(folder)) {
    const made = `${folder}-unfinished`;
    rmSync(made, { recursive: true, force: true });
    mkdirSync(made, { recursive: true });
    signalJournal(made, { days: size, apartMs: APART_MS });
    renameSync(made, folder);
  }
  return join(folder, 'journal.db');
}

function tapeOf(path: string): Tape {
  const viewed = viewJournal({ path });
  if (!viewed.ok) throw new Error(`the journal cannot be read: ${JSON.stringify(viewed.error)}`);
  try {
    return viewed.value.view(() => readTape(viewed.value, { from: null, to: null }));
  } finally {
    viewed.value.close();
  }
}

/** Every policy and its benchmark over a tape that is in memory, in this thread, and nothing else. */
function loop({ name, path, size }: Journaled): Side {
  return () => {
    const tape = tapeOf(path);
    if (tape.cases.length !== size) throw new Error(`${tape.cases.length} decisions of ${size} stood`);
    const start = performance.now();
    let walked = 0;
    for (const spec of POLICIES) walked += runPolicy(tape, spec).walk.status.length;
    if (walked !== size * POLICIES.length) throw new Error('a policy did not walk all decisions');
    return { [`${name}: the loop alone`]: figure((performance.now() - start) / 1000, 's') };
  };
}

/** The same as the trader starts it: read from the journal, walked, judged, written down, with progress told. */
function job({ name, path }: Journaled, workers: number): Side {
  return async (): Promise<Figures> => {
    const room = openRoom(path);
    try {
      const start = performance.now();
      const request = { kind: 'policies' as const, policies: [...POLICIES], seed: SEED, workers };
      const { jobId } = await room.room['backtest.start']({ request });
      await ended(room, jobId, 'done');
      const seconds = (performance.now() - start) / 1000;
      const told = room.told.filter(({ job: one }) => one.jobId === jobId).length;
      return {
        [`${name}: the backtest, ${workers === 1 ? 'one worker' : 'two workers'}`]: figure(seconds, 's'),
        [`${name}: times progress was told, ${workers === 1 ? 'one worker' : 'two workers'}`]: figure(told, ''),
      };
    } finally {
      await room.close();
    }
  };
}

type Room = ReturnType<typeof openRoom>;

async function ended({ told }: Room, jobId: string, state: 'done' | 'cancelled'): Promise<void> {
  for (;;) {
    const last = told.findLast(({ job: one }) => one.jobId === jobId)?.job;
    if (last !== undefined && last.endedAt !== null) {
      if (last.state !== state) throw new Error(`the backtest ended as ${last.state}: ${last.error ?? ''}`);
      return;
    }
    await new Promise((resolve) => void setTimeout(resolve, 10));
  }
}

/** Called off while it reads and while it walks: the longer of the two. */
async function cancelled({ path }: Journaled): Promise<Figures> {
  const room = openRoom(path);
  try {
    const times: number[] = [];
    for (const share of [0.05, 0.4]) {
      const request = { kind: 'policies' as const, policies: [...POLICIES], seed: SEED };
      const { jobId } = await room.room['backtest.start']({ request });
      await reached(room.told, jobId, share);
      const start = performance.now();
      await room.room['backtest.cancel']({ jobId });
      await ended(room, jobId, 'cancelled');
      times.push((performance.now() - start) / 1000);
    }
    return { 'cancel: until it had ended': figure(Math.max(...times), 's') };
  } finally {
    await room.close();
  }
}

/** A backtest of a long journal as the trader starts it, against nothing but the loop that sizes and books. */
export const policies: Bench = {
  name: 'policies',
  title: 'Backtest of 100,000 journaled decisions under 13 policies',
  run: async ({ isQuick, folder, shared }) => {
    const sizes = isQuick ? [20, 40, 80] : [4_000, 20_000, 100_000];
    const journals = sizes.map((size): Journaled => {
      const own = join(folder, String(size));
      mkdirSync(own);
      const path = join(own, 'journal.db');
      // A backtest writes its run beside the journal: the one that others read is left alone.
      copyFileSync(keptJournal(shared, size), path, constants.COPYFILE_FICLONE);
      return { name: `${size.toLocaleString('en')} decisions`, size, path };
    });
    const series: Series[] = [];
    for (const one of journals) {
      // Each side of the largest takes a minute of computing, so all are run once; one worker is told of the middle.
      const sides = [loop(one), ...(one === journals[1] ? [job(one, 1)] : []), job(one, 2)];
      series.push(...(await interleave(sides, { rounds: 1, warmUps: 0 })));
    }
    const middle = journals[1];
    // A smoke run would be over before it could be called off.
    if (middle !== undefined && !isQuick) {
      series.push(...(await interleave([() => cancelled(middle)], { rounds: 1, warmUps: 0 })));
    }
    const growth = (what: string) =>
      grownWith(
        series,
        `growth exponent, ${what}`,
        journals.map(({ name, size }) => ({ x: size, of: `${name}: ${what}` })),
      );
    return {
      series: [...series, growth('the loop alone'), growth('the backtest, two workers')],
      notes: [
        `${POLICIES.length} policies, each with its benchmark; one long signal every two hours that resolves an hour later. The loop sizes and books every decision under every policy over what is in memory, in one thread.`,
        'The backtest reads the journal, walks, judges (bootstrap intervals, verdicts), writes the run and tells how far it is, in threads of its own; by itself a desk takes one worker less than there are processors.',
      ],
    };
  },
};
