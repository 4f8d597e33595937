import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openJournal } from '#desk/journal/open-journal.ts';
import { aDecision } from './journal-events.ts';

const CHILD = join(import.meta.dirname, 'journal-child.ts');

export type CrashTotals = {
  readonly rounds: number;
  /** Appends the child had been told are on disk. */
  readonly acknowledged: number;
  /** Acknowledged events that were not there, or not the same, after the crash. */
  readonly lost: number;
  /** Committed, and killed before it was said. */
  readonly unacknowledged: number;
  readonly events: number;
  readonly findings: readonly string[];
};

/** Starts the appending child; `ulimitBlocks` bounds the size of any file it writes, in blocks of 512 bytes. */
export function startChild(path: string, ulimitBlocks?: number): ChildProcess {
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
  if (ulimitBlocks === undefined) return spawn(process.execPath, [CHILD, path], { stdio });
  const script = `trap '' XFSZ; ulimit -f ${ulimitBlocks}; exec "$0" "$@"`;
  return spawn('sh', ['-c', script, process.execPath, CHILD, path], { stdio });
}

/** Collects the whole lines a child writes until it ends. */
export async function linesOf(child: ChildProcess, onLine: () => void = () => undefined): Promise<readonly string[]> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    onLine();
  });
  await once(child, 'close');
  return text.split('\n').slice(0, -1);
}

/** One crash: the child appends for a while after its first line, is killed, and its last lines are kept. */
async function crash(path: string, afterMs: number): Promise<readonly string[]> {
  const child = startChild(path);
  let isDoomed = false;
  return linesOf(child, () => {
    if (isDoomed) return;
    isDoomed = true;
    void sleep(afterMs).then(() => child.kill('SIGKILL'));
  });
}

/** Opens the journal after a crash, as a writer, and compares it with what was acknowledged. */
function inspect(path: string, lines: readonly string[]): { lost: number; seq: number; findings: readonly string[] } {
  const opened = openJournal({ path });
  if (!opened.ok) return { lost: lines.length, seq: 0, findings: [JSON.stringify(opened.error)] };
  const journal = opened.value;
  const kinds = ['opened', 'instrument', 'decision', 'recommendation', 'intent', 'order', 'fill', 'equity'] as const;
  const hashes = new Map([...journal.events({ kinds })].map((event) => [event.seq, event.hash]));
  const lost = lines.filter((line) => {
    const [seq = '', hash = ''] = line.split(' ');
    return hashes.get(Number(seq)) !== hash;
  });
  const { findings } = journal.verify(() => aDecision());
  const seq = journal.lastSeq();
  journal.close();
  return { lost: lost.length, seq, findings: findings.map(({ check, detail }) => `${check}: ${detail}`) };
}

/** Runs crash after crash on one journal. `killAfterMs` gives the delay of each round. */
export async function crashRounds(
  path: string,
  rounds: number,
  killAfterMs: (round: number) => number,
): Promise<CrashTotals> {
  let [acknowledged, lost, unacknowledged, events] = [0, 0, 0, 0];
  const findings: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const lines = await crash(path, killAfterMs(round));
    const after = inspect(path, lines);
    acknowledged += lines.length;
    lost += after.lost;
    unacknowledged += after.seq - Number(lines.at(-1)?.split(' ')[0] ?? 0);
    events = after.seq;
    findings.push(...after.findings);
  }
  return { rounds, acknowledged, lost, unacknowledged, events, findings };
}
