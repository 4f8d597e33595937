import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { BacktestRun } from '#shared/contract/backtest-operations.ts';
import { backtestRunSchema } from '#shared/contract/backtest-operations.ts';
import { outcomeSourceSchema, runHeadSchema, type RunHead } from '#shared/domain/backtest.ts';
import { decisionStatusSchema } from '#shared/domain/decision.ts';
import { epochMsSchema, moneySchema } from '#shared/units.ts';

const count = z.number().int().min(0);
const figure = z.number().nullable();

/** The opportunities of a run, by column: the same for all its policies. */
export const casesFileSchema = z.strictObject({
  id: z.array(z.string()),
  at: z.array(epochMsSchema),
  symbol: z.array(z.string()),
  direction: z.array(z.union([z.literal(1), z.literal(-1)])),
  executed: z.array(count),
  source: z.array(outcomeSourceSchema),
});
export type CasesFile = z.output<typeof casesFileSchema>;

/** One policy's decisions, by column and in the order of the cases. */
export const decisionsFileSchema = z.strictObject({
  status: z.array(decisionStatusSchema),
  asked: z.array(count),
  contracts: z.array(count),
  /** Of them, those that filled; runs of before it was kept do not have it. */
  filled: z.array(count).optional(),
  fraction: z.array(figure),
  equity: z.array(moneySchema),
  riskFraction: z.array(z.number()),
  net: z.array(moneySchema.nullable()),
  exitAt: z.array(epochMsSchema.nullable()),
  isFlagged: z.array(z.boolean()),
});
export type DecisionsFile = z.output<typeof decisionsFileSchema>;

/** One policy's equity, marked, at the start and at the end of each session day. */
export const seriesFileSchema = z.strictObject({ at: z.array(epochMsSchema), equity: z.array(moneySchema) });
export type SeriesFile = z.output<typeof seriesFileSchema>;

const HEAD = 'head.json';
const RUN = 'run.json';
const RUN_ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
/** A run in the making; what a crash left of one is removed at the next start. */
const PART = '.part';

export const FILES = {
  cases: 'cases.json.gz',
  decisions: (policy: number) => `decisions-${policy}.json.gz`,
  series: (policy: number) => `series-${policy}.json.gz`,
} as const;

/** The JSON of columns, spelt one by one: all at once they take twice as long. */
const spelt = (columns: CasesFile | DecisionsFile | SeriesFile): string =>
  `{${Object.entries(columns)
    .map(([name, values]) => `${JSON.stringify(name)}:${JSON.stringify(values)}`)
    .join(',')}}`;

/** Writes one of a run's files: JSON, compressed, readable by this user only. */
export function writePacked(folder: string, name: string, content: CasesFile | DecisionsFile | SeriesFile): void {
  writeFileSync(join(folder, name), gzipSync(spelt(content), { level: 1 }), { mode: 0o600 });
}

/** Reads one of a run's files; null when it is not there or not what the desk writes. */
export function readPacked<T>(folder: string, name: string, schema: z.ZodType<T>): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function readJson<T>(path: string, schema: z.ZodType<T>): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Writes what a run says of itself. Called once, after everything else is in the folder. */
export function writeRun(folder: string, stored: BacktestRun): void {
  writeFileSync(join(folder, RUN), JSON.stringify(stored), { mode: 0o600 });
  writeFileSync(join(folder, HEAD), JSON.stringify(stored.run.head), { mode: 0o600 });
}

/** Reads a run from its folder; null when it is not whole. */
export const readRun = (folder: string): BacktestRun | null => readJson(join(folder, RUN), backtestRunSchema);

/** Stored runs: one folder each, beside the journal and never part of it. */
export interface RunStore {
  /** Newest first. Folders that are not whole runs are left out. */
  heads(): readonly RunHead[];
  run(runId: string): BacktestRun | null;
  /** The folder of a stored run; null when there is none of this id. */
  folderOf(runId: string): string | null;
  /** Makes the folder a run is written into. */
  begin(runId: string): string;
  /** Puts a written run among the stored ones. */
  commit(runId: string): RunHead;
  /** Removes what was written of a run that will not be finished. */
  discard(runId: string): void;
  remove(runId: string): boolean;
}

/** Returns the store in this folder, which is made with the first run. Left-overs of runs cut short are removed. */
export function createRunStore(folder: string): RunStore {
  const known = new Map<string, RunHead>();
  const partOf = (runId: string): string => join(folder, `${runId}${PART}`);
  const remove = (path: string): void => rmSync(path, { recursive: true, force: true });
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (name.endsWith(PART)) remove(join(folder, name));
    const head = RUN_ID.test(name) ? readJson(join(folder, name, HEAD), runHeadSchema) : null;
    if (head?.runId === name) known.set(name, head);
  }
  const folderOf = (runId: string): string | null => (known.has(runId) ? join(folder, runId) : null);
  return {
    heads: () => [...known.values()].sort((a, b) => b.at - a.at || (a.runId < b.runId ? 1 : -1)),
    run: (runId) => {
      const path = folderOf(runId);
      return path === null ? null : readRun(path);
    },
    folderOf,
    begin: (runId) => {
      if (!RUN_ID.test(runId)) throw new RangeError(`${runId} is not the id of a run`);
      remove(partOf(runId));
      mkdirSync(partOf(runId), { recursive: true, mode: 0o700 });
      return partOf(runId);
    },
    commit: (runId) => {
      const head = readJson(join(partOf(runId), HEAD), runHeadSchema);
      if (head === null) throw new Error(`the run ${runId} was not written whole`);
      renameSync(partOf(runId), join(folder, runId));
      known.set(runId, head);
      return head;
    },
    discard: (runId) => remove(partOf(runId)),
    remove: (runId) => {
      const path = folderOf(runId);
      if (path === null) return false;
      known.delete(runId);
      remove(path);
      return true;
    },
  };
}
