import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import SqliteDatabase from 'better-sqlite3';

/** What the figures of a run depend on besides the desk. */
export type Machine = {
  readonly processor: string;
  readonly cores: number;
  readonly memory: string;
  readonly system: string;
  readonly node: string;
  readonly sqlite: string;
  readonly compiler: string;
};

const firstLine = (command: string, args: readonly string[]): string | null => {
  try {
    return (
      execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0] ?? null
    );
  } catch {
    // Not installed: what needs it is left out of the run and said so.
    return null;
  }
};

/** The C compiler's own words about itself; null without one. */
export const compilerVersion = (): string | null => firstLine('cc', ['--version']);

/** The version of NumPy; null without Python or without it. */
export const numpyVersion = (): string | null => firstLine('python3', ['-c', 'import numpy; print(numpy.__version__)']);

function sqliteVersion(): string {
  const database = new SqliteDatabase(':memory:');
  const version = String(database.prepare('SELECT sqlite_version()').pluck().get());
  database.close();
  return version;
}

export const describeMachine = (): Machine => ({
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
  system: `${process.platform} ${process.arch} ${release()}`,
  node: process.version,
  sqlite: sqliteVersion(),
  compiler: compilerVersion() ?? 'none',
});

/** Programs that were running or waiting over the last minute; a quiet machine has fewer than a third per core. */
export const loadNow = (): number => loadavg()[0] ?? 0;
export const isQuiet = (load: number): boolean => load < cpus().length / 3;
