import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '#desk/journal/open-journal.ts';
import { aDecision } from '../journal-events.ts';
import { ForgetfulDisk } from './disk.ts';
import { scratchRoot } from '../scratch.ts';
import type { DiskCall } from './recording.ts';

/** What was found after one power cut. */
export type Found = {
  /** Acknowledged events that are not there, or not the same. */
  readonly lost: number;
  /** Why the journal does not open or does not verify; null when all is well. */
  readonly fault: string | null;
};

export type CutTotals = {
  readonly cuts: number;
  readonly calls: number;
  /** Cuts after which at least one acknowledged event was gone. */
  readonly cutsWithLoss: number;
  readonly mostLost: number;
  readonly faults: readonly string[];
};

export type Cutting = {
  readonly calls: readonly DiskCall[];
  /** The folder that was recorded. */
  readonly root: string;
  /** How many calls were done when the power went, one number for each cut. */
  readonly instants: readonly number[];
  readonly random: () => number;
  /** The chance of each unsynced sector; 1 is a kill, after which the system's cache lives on. */
  readonly survival?: number;
  readonly inspect: (folder: string, told: readonly string[]) => Found;
};

/** Cuts the power at each instant and inspects what comes back. */
export function cutPower({ calls, root, instants, random, survival, inspect }: Cutting): CutTotals {
  const disk = new ForgetfulDisk(root);
  let [done, cutsWithLoss, mostLost] = [0, 0, 0];
  const faults: string[] = [];
  for (const instant of [...instants].sort((a, b) => a - b)) {
    while (done < instant) disk.apply(calls[done++]!);
    const folder = mkdtempSync(join(scratchRoot(), 'kelly-desk-cut-'));
    try {
      disk.rebuild(folder, random, survival);
      const found = inspect(folder, disk.told());
      if (found.lost > 0) cutsWithLoss += 1;
      mostLost = Math.max(mostLost, found.lost);
      if (found.fault !== null) faults.push(`after ${instant} of ${calls.length} calls: ${found.fault}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return { cuts: instants.length, calls: calls.length, cutsWithLoss, mostLost, faults };
}

/** Instants spread over a whole recording. */
export const randomInstants = (count: number, calls: readonly DiskCall[], random: () => number): readonly number[] =>
  Array.from({ length: count }, () => Math.floor(random() * (calls.length + 1)));

/** The instant after each call. */
export const everyInstant = (calls: readonly DiskCall[]): readonly number[] => calls.map((_, i) => i + 1);

const KINDS = ['opened', 'instrument', 'decision', 'recommendation', 'intent', 'order', 'fill', 'equity'] as const;

/** Lines of the form `seq hash`. */
const acknowledged = (told: readonly string[]): readonly string[] =>
  told.filter((line) => /^\d+ [0-9a-f]{64}$/.test(line));

/** Opens what is left as the next start of the desk would, verifies it, and looks for each acknowledged event. */
export function inspectJournal(path: string, told: readonly string[]): Found {
  const lines = acknowledged(told);
  const isThere = existsSync(path);
  const opened = openJournal({ path });
  if (!opened.ok) return { lost: lines.length, fault: JSON.stringify(opened.error) };
  const journal = opened.value;
  try {
    const hashes = new Set([...journal.events({ kinds: KINDS })].map(({ seq, hash }) => `${seq} ${hash}`));
    const lost = lines.filter((line) => !hashes.has(line)).length;
    const { findings } = journal.verify(() => aDecision());
    const [first] = findings;
    if (first !== undefined) return { lost, fault: `${first.check}: ${first.detail}` };
    return { lost, fault: lines.length > 0 && !isThere ? 'the file is gone' : null };
  } finally {
    journal.close();
  }
}

/** As inspectJournal, and a backup that was reported as made must be there and hold everything told before it. */
export function inspectDesk(folder: string, told: readonly string[]): Found {
  const found = inspectJournal(join(folder, 'profiles', 'simulation', 'journal.db'), told);
  const backup = join(folder, 'backups', 'journal.db');
  if (found.fault !== null || (!told.includes('backed-up') && !existsSync(backup))) return found;
  if (!existsSync(backup)) return { ...found, fault: 'the backup that was reported is gone' };
  const inBackup = inspectJournal(backup, told);
  return { lost: found.lost + inBackup.lost, fault: inBackup.fault === null ? null : `backup: ${inBackup.fault}` };
}
