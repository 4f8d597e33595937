import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scratchRoot } from '../scratch.ts';

const SOURCE = join(import.meta.dirname, 'recorder.c');

/** One thing a process did to the disk, or said, in the order the system saw it. */
export type DiskCall =
  | { readonly type: 'open'; readonly descriptor: number; readonly path: string; readonly isNew: boolean }
  | { readonly type: 'write'; readonly descriptor: number; readonly offset: number; readonly bytes: Buffer }
  | { readonly type: 'truncate'; readonly descriptor: number; readonly size: number }
  | { readonly type: 'sync'; readonly descriptor: number }
  | { readonly type: 'unlink'; readonly path: string }
  | { readonly type: 'mkdir'; readonly path: string }
  | { readonly type: 'rename'; readonly from: string; readonly to: string }
  | { readonly type: 'told'; readonly text: string };

const compilers = ['cc', 'gcc', 'clang'];

function compile(target: string): string | null {
  for (const compiler of compilers) {
    try {
      execFileSync(compiler, ['-shared', '-fPIC', '-O2', '-o', target, SOURCE, '-ldl', '-lpthread'], { stdio: 'pipe' });
      return null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return `no C compiler (${compilers.join(', ')})`;
}

export type Recorder = { readonly library: string; readonly remove: () => void };

/** Builds the library; says why when this machine cannot. */
export function buildRecorder(): Recorder | { readonly missing: string } {
  if (process.platform !== 'linux') return { missing: `recording needs Linux, not ${process.platform}` };
  const folder = mkdtempSync(join(tmpdir(), 'kelly-desk-recorder-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const missing = compile(join(folder, 'recorder.so'));
  if (missing === null) return { library: join(folder, 'recorder.so'), remove };
  remove();
  return { missing };
}

function decode(type: string, head: Buffer, bytes: Buffer): DiskCall {
  const descriptor = head.readUInt32LE(1);
  const number = Number(head.readBigUInt64LE(5));
  const text = (): string => bytes.toString();
  switch (type) {
    case 'O':
      return { type: 'open', descriptor, path: text(), isNew: number === 1 };
    case 'W':
      return { type: 'write', descriptor, offset: number, bytes };
    case 'T':
      return { type: 'truncate', descriptor, size: number };
    case 'S':
      return { type: 'sync', descriptor };
    case 'U':
      return { type: 'unlink', path: text() };
    case 'M':
      return { type: 'mkdir', path: text() };
    case 'R': {
      const [from = '', to = ''] = text().split('\0');
      return { type: 'rename', from, to };
    }
    case 'A':
      return { type: 'told', text: text() };
    default:
      throw new Error(`the log has a record of type ${type}`);
  }
}

/** Reads a log; a last record that was cut short by a kill is left out. */
export function readCalls(path: string): readonly DiskCall[] {
  const log = readFileSync(path);
  const calls: DiskCall[] = [];
  for (let at = 0; at + 17 <= log.length;) {
    const head = log.subarray(at, at + 17);
    const end = at + 17 + head.readUInt32LE(13);
    if (end > log.length) break;
    calls.push(decode(String.fromCharCode(head[0] ?? 0), head, log.subarray(at + 17, end)));
    at = end;
  }
  return calls;
}

export type RunOptions = {
  readonly library: string;
  readonly script: string;
  readonly folder: string;
  /** Null: nothing is recorded, and calls can be made to fail. */
  readonly log: string | null;
  readonly args: readonly string[];
  /** The script ends itself with SIGKILL somewhere. */
  readonly isKilled?: boolean;
};

/** Runs a script of the tests under the library until it ends; returns the lines it wrote to stdout. */
export async function runRecorded({
  library,
  script,
  folder,
  log,
  args,
  isKilled,
}: RunOptions): Promise<readonly string[]> {
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      LD_PRELOAD: library,
      RECORD_FOLDER: folder,
      ...(log === null ? {} : { RECORD_LOG: log }),
    },
  });
  let [text, said] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0 && !(isKilled === true && signal === 'SIGKILL'))
    throw new Error(
      `the recorded process ended with ${String(code ?? signal)}: ${said.slice(-2_000)}${text.slice(-500)}`,
    );
  return text.split('\n').slice(0, -1);
}

export type Recording = { readonly root: string; readonly calls: readonly DiskCall[] };

/** Records a script that is given the folder it works in and `args`. */
export async function recordScript(library: string, script: string, args: readonly string[]): Promise<Recording> {
  const scratch = mkdtempSync(join(scratchRoot(), 'kelly-desk-power-'));
  try {
    const root = join(scratch, 'data');
    const log = join(scratch, 'log');
    mkdirSync(root);
    await runRecorded({ library, script, folder: root, log, args: [root, ...args] });
    return { root, calls: readCalls(log) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
